"""Mutated WebSocket handshakes and frames. Imported by network_fuzz.py."""

import struct
import urllib.parse

from fuzz_case import Case
from served import KEY, frame, handshake


class FrameCases:
    """Handshakes with good tokens, and what follows them."""

    def frames(self, rng, number):
        since = rng.choice(["", "", "", "?since=0", "?since=1", "?since=" + str(rng.choice(
            ["abc", "-1", "", "1.5", "9223372036854775807", "9223372036854775808", "99999999999999999999", "%30", "0&since=1", "+1",
             "1e3", "%00", "٣", " 1".replace(" ", "%20"), "4611686018427387904", "0x1"]))])
        path = f"/ws/{rng.choice(self.ids['diagnosis'])}{since}"
        data = handshake(urllib.parse.quote(path, safe="/?=&%+"), self.tokens[rng.choice(["admin", "service"])])
        notes = [since] if since else []
        is_handshake = True
        if rng.random() < 0.15:
            is_handshake = False
            old, new = rng.choice([
                (b"Version: 13", b"Version: 8"), (b"Version: 13", b"Version: 13, 8"), (b"Version: 13\r\n", b"Version: 13\r\nSec-WebSocket-Version: 13\r\n"),
                (KEY.encode(), b"AAAA"), (KEY.encode(), b""), (KEY.encode(), b"!" * 24), (b"Upgrade: websocket", b"Upgrade: WebSocket, h2c"),
                (b"Upgrade: websocket", b"Upgrade: h2c"), (b"Connection: Upgrade", b"Connection: keep-alive, upgrade"),
                (b"Connection: Upgrade", b"Connection: close"), (b"HTTP/1.1", b"HTTP/1.0"), (b"GET ", b"POST "), (b"GET ", b"HEAD "),
                (b"Host: localhost\r\n", b""), (b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\nhello"),
                (b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), (b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"),
                (b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99\r\n\r\n"),
                (b"\r\n\r\n", b"\r\nSec-WebSocket-Protocol: chat, superchat\r\n\r\n"),
                (b"\r\n\r\n", b"\r\nSec-WebSocket-Protocol: bearer\r\n\r\n"),
                (b"\r\n\r\n", b"\r\nSec-WebSocket-Protocol: bearer, \x7f\r\n\r\n"),
                (b"\r\n\r\n", b"\r\nOrigin: https://evil.example\r\n\r\n"), (b"/ws/", b"//ws/"), (b"/ws/", b"http://localhost/ws/"),
                (b"/ws/", b"/ws/%31"), (b"/ws/", b"/ws/0"), (b"/ws/", b"/ws/999999999")])
            data = data.replace(old, new)
            notes.append(f"handshake with {new[:40]!r}")
        pongs, messages, parts, is_clean = [], 0, b"", True
        for _ in range(rng.choice([0, 1, 1, 2, 3, 5, 8, 20])):
            kind = rng.randrange(16)
            if kind < 3:
                content = rng.randbytes(rng.choice([0, 1, 10, 125]))
                parts += frame(9, content, mask=rng.randbytes(4))
                pongs.append(content)
            elif kind < 6:
                text = rng.choice([b'{"type":"ping"}', b' {"type" : "ping"} ', b'{"type":"ping","x":[1]}', b'{"type":"p\\u0069ng"}'])
                parts += self.fragmented(rng, text, pongs)
                messages += 1
            elif kind < 8:
                text = rng.choice([b"", b"x", b"{}", b"[]", b'{"type":5}', b'{"type":"other"}', b"ping", b"[" * 4000, b"\xd8\xa7" * 2000,
                                   b'{"type":"pin', b'{"a":' * 600, b"null", b'{"type":"' + b"p" * 4000 + b'"}', b"1e999"])
                parts += self.fragmented(rng, text, pongs)
            elif kind == 8:
                parts += frame(10, rng.randbytes(rng.choice([0, 5, 125])))
            else:
                is_clean = False
                note, broken = rng.choice([
                    ("binary", frame(2, rng.randbytes(rng.choice([0, 10, 5000])))),
                    ("unknown opcode", frame(rng.choice([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), rng.randbytes(10))),
                    ("reserved bits", frame(rng.choice([1, 9, 8, 0]), b"abc", first=rng.choice([0xC0, 0xA0, 0x90, 0xF0, 0x70]))),
                    ("not masked", frame(rng.choice([1, 9, 10]), b"abc", mask=b"")),
                    ("large", frame(1, b"a" * rng.choice([4096, 4097, 65535, 65536, 1 << 20]))),
                    ("large ping", frame(9, b"a" * rng.choice([126, 200, 70_000]))),
                    ("fragmented ping", frame(9, b"a", first=0)),
                    ("continuation of nothing", frame(0, b"a", first=rng.choice([0, 0x80]))),
                    ("text within a text", frame(1, b"a", first=0) + frame(1, b"b")),
                    ("text that is not UTF-8", frame(1, rng.choice([b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"]))),
                    ("length of 2^63", b"\x81\xff" + struct.pack(">Q", rng.choice([1 << 63, (1 << 64) - 1, (1 << 63) - 1, 1 << 40])) + b"abcd" + b"x" * 50),
                    ("length that is not minimal", b"\x81\xfe\x00\x05abcd" + bytes(5) if rng.random() < 0.5 else b"\x81\xff" + struct.pack(">Q", 5) + b"abcd" + bytes(5)),
                    ("truncated", frame(1, b"a" * 100)[:rng.randrange(1, 100)]),
                    ("garbage", rng.randbytes(rng.choice([1, 2, 7, 100, 3000]))),
                    ("many empty parts", frame(1, b"", first=0) + frame(0, b"", first=0) * rng.choice([10, 45, 200])),
                    ("many pings", frame(9, b"x") * rng.choice([40, 60, 300])),
                    ("HTTP", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                    ("close with a bad code", frame(8, struct.pack(">H", rng.choice([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])))),
                    ("close with a bad reason", frame(8, struct.pack(">H", 1000) + b"\xff\xfe")),
                    ("close of one byte", frame(8, b"\x03")),
                    ("close and more", frame(8, struct.pack(">H", 1000)) + frame(1, b"x") * 20 + frame(8)),
                ])
                parts += broken
                notes.append(note)
        case = Case("frames", ", ".join(notes), data + parts, statuses=None)
        code = rng.choice([None, 1000, 1001, 3000, 4999])
        close = frame(8, b"" if code is None else struct.pack(">H", code) + rng.choice([b"", "خدا".encode()]))
        # A close without a code is answered with 1000 or without one.
        case.codes = {1000, 1005} if code is None else {code}
        if is_clean and rng.random() < 0.3:
            # The close may be answered before anything else.
            is_clean = False
            notes.append("close")
            case.data += close
        elif is_clean:
            case.close = close
        else:
            case.codes = set(range(1000, 5000)) if "garbage" in case.note else {1000, 1005}
        if rng.random() < 0.5:
            case.pause_at = len(data) if rng.random() < 0.5 else rng.randrange(1, len(case.data))
        case.is_follow = True
        if is_clean and is_handshake and since in ("", "?since=0", "?since=1"):
            case.token_verdict = "accepted"
            # Control frames and messages count to 50 a second.
            case.echoes = pongs, messages
        return case

    @staticmethod
    def fragmented(rng, text, pongs):
        """The frames of a message, with pings between its parts."""
        if rng.random() < 0.6 or len(text) < 3:
            return frame(1, text, mask=rng.randbytes(4))
        cut, content = rng.randrange(1, len(text)), rng.randbytes(3)
        pongs.append(content)
        return frame(1, text[:cut], first=0) + frame(9, content) + frame(0, text[cut:], mask=rng.randbytes(4))
