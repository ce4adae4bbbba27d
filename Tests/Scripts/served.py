"""The server of the clinic in the current folder, and clients that send any bytes. Imported by the checks in this folder."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import struct
import subprocess
import tempfile
import time


class Server:
    """`avicenna serve` on a free port; it listens once this is made."""

    def __init__(self, binary, *options):
        self.binary, self.options = binary, options
        self.errors = tempfile.TemporaryFile()
        # A crash must end the process at once.
        environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}
        self.process = subprocess.Popen(
            [binary, "serve", "--port", "0", *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.errors, env=environment)
        end = time.monotonic() + 60
        while True:
            found = re.search(r'listening at [^",\n]*:([0-9]+)[",\n]', self.log())
            if found:
                break
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise SystemExit(f"the server does not start: {self.log()}")
            time.sleep(0.02)
        self.port = int(found[1])

    def log(self):
        """What it wrote to stderr."""
        return os.pread(self.errors.fileno(), 1 << 26, 0).decode(errors="replace")

    @property
    def pid(self):
        return self.process.pid

    def is_alive(self):
        return self.process.poll() is None

    def stop(self):
        """Returns its exit status: 0 unless it crashed or had to be killed."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()

    def resident_bytes(self, forgets_peak=False):
        """Its memory; where that is said, the peak is counted anew from here on."""
        if forgets_peak:
            with open(f"/proc/{self.pid}/clear_refs", "w") as file:
                file.write("5")
        return self._memory("VmRSS")

    def peak_bytes(self):
        return self._memory("VmHWM")

    def _memory(self, name):
        with open(f"/proc/{self.pid}/status") as file:
            return 1024 * int(re.search(name + r":\s+(\d+)", file.read())[1])

    def event_loop_seconds(self):
        """CPU time of the threads of the event loops so far."""
        nanoseconds = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with contextlib.suppress(FileNotFoundError):
                with open(f"/proc/{self.pid}/task/{thread}/comm") as file:
                    if not file.read().startswith("NIO-ELT"):
                        continue
                with open(f"/proc/{self.pid}/task/{thread}/schedstat") as file:
                    nanoseconds += int(file.read().split()[0])
        return nanoseconds / 1e9

    def token(self, *options):
        """A token from the command line, such as with `--admin`."""
        return subprocess.check_output([self.binary, "token", *options], text=True).strip()

    def dial(self, timeout=10, receive_buffer=None):
        link = socket.socket()
        if receive_buffer:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        link.settimeout(timeout)
        link.connect(("127.0.0.1", self.port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return link

    def ask(self, method, path, token=None, body=None, headers=(), timeout=60):
        """Sends one request on its own connection and returns its answer."""
        with self.dial(timeout) as link:
            link.sendall(request(method, path, token, body, headers))
            answer = Reader(link).answer(method, timeout)
        assert answer is not None, f"no answer to {method} {path}"
        return answer


def request(method, path, token=None, body=None, headers=()):
    """The bytes of a request; a body that is not bytes is sent as JSON."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += headers
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


class Answer:
    """A response of HTTP/1.1."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __getitem__(self, name):
        """The value of the first header of a name, which is given in lower case."""
        return next((value for key, value in self.headers if key == name), None)

    def json(self):
        return json.loads(self.body)

    def problem(self):
        """What is wrong with an error answer as a problem document; None where nothing is."""
        if not (self["content-type"] or "").startswith("application/problem+json"):
            return f"content type {self['content-type']} instead of application/problem+json"
        try:
            body = json.loads(self.body.decode())
        except ValueError:
            return "the problem document is not JSON in UTF-8"
        if not isinstance(body, dict) or body.get("status") != self.status:
            return "the problem document has another status"
        if not isinstance(body.get("detail"), str) or not isinstance(body.get("title"), str):
            return "the problem document has no title or detail"
        return None


class Ended(Exception):
    """The other side closed the connection; `partial` says whether within an answer or frame."""

    def __init__(self, partial=False):
        self.partial = partial


class Malformed(Exception):
    """The bytes of the server do not follow the protocol."""


class Reader:
    """Reads answers and frames from a socket. All of its methods raise `Ended`, `Malformed`, and `TimeoutError`."""

    def __init__(self, link):
        self.link, self.buffer, self.end = link, b"", 0

    def _more(self):
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.link.settimeout(left)
        try:
            data = self.link.recv(1 << 18)
        except socket.timeout:
            raise TimeoutError from None
        except OSError:
            data = b""
        if not data:
            raise Ended(partial=bool(self.buffer))
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _line(self):
        while b"\r\n" not in self.buffer:
            if len(self.buffer) > 1 << 18:
                raise Malformed("a line without end")
            self._more()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def answer(self, method="GET", timeout=10):
        """The next final answer."""
        self.end = time.monotonic() + timeout
        while True:
            line = self._line()
            found = re.fullmatch(rb"HTTP/1\.[01] ([1-5][0-9][0-9])( [ -~]*)?", line)
            if not found:
                raise Malformed(f"status line {line[:100]!r}")
            status, headers = int(found[1]), []
            while True:
                line = self._line()
                if not line:
                    break
                name, colon, value = line.partition(b":")
                if not colon or not re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
                    raise Malformed(f"header line {line[:100]!r}")
                headers.append((name.decode().lower(), value.strip().decode("latin-1")))
            if status == 101 or status >= 200:
                break
        answer = Answer(status, headers, b"")
        if method == "HEAD" or status in (101, 204, 304):
            return answer
        if answer["transfer-encoding"]:
            while True:
                size = int(self._line().split(b";")[0], 16)
                answer.body += self._take(size)
                if not size:
                    while self._line():
                        pass
                    return answer
                self._line()
        if answer["content-length"] is None:
            raise Malformed("an answer without Content-Length")
        answer.body = self._take(int(answer["content-length"]))
        return answer

    def frame(self, timeout=10):
        """The opcode and content of the next frame."""
        self.end = time.monotonic() + timeout
        first, second = self._take(2)
        if first & 0x70 or not first & 0x80 or second & 0x80:
            raise Malformed(f"a frame begins with {first:#x} {second:#x}")
        length = second
        if second == 126:
            length = int.from_bytes(self._take(2), "big")
        elif second == 127:
            length = int.from_bytes(self._take(8), "big")
        if (length < 126) != (second < 126) or (second == 127) != (length > 65535):
            raise Malformed("the length of a frame is not minimal")
        opcode = first & 15
        if opcode not in (1, 8, 9, 10) or opcode > 7 and length > 125:
            raise Malformed(f"a frame of opcode {opcode} with {length} bytes")
        return opcode, self._take(length)


KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def handshake(path, token=None, headers=()):
    """The bytes that ask to follow a diagnosis."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13", *headers]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def frame(opcode, content=b"", first=0x80, mask=b"abcd"):
    """The bytes of a frame of a client."""
    length, bit = len(content), 0x80 if mask else 0
    head = bytes([first | opcode])
    if length < 126:
        head += bytes([bit | length])
    elif length < 1 << 16:
        head += bytes([bit | 126]) + struct.pack(">H", length)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", length)
    if mask:
        head += mask
        repeated = (mask * (length // 4 + 1))[:length]
        content = (int.from_bytes(content, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")
    return head + content


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def signed(header, payload, secret, digest="sha256"):
    """A token of given bytes that is signed with a secret."""
    text = base64url(header) + b"." + base64url(payload)
    return text + b"." + base64url(hmac.new(secret, text, getattr(hashlib, digest)).digest())
