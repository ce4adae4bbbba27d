"""Mutated request lines and headers. Imported by network_fuzz.py."""

import re
import urllib.parse

from fuzz_case import Case
from served import base64url


class HeadCases:
    """Requests whose heads are mutated."""

    def path_of(self, rng, path):
        """The path of an endpoint with an identifier, mostly one that exists."""
        def value(found):
            name = found[1]
            if name == "name":
                return urllib.parse.quote(rng.choice(["زعفران", "بی‌خوابی", "saffron", "x"]))
            if rng.random() < 0.1:
                return rng.choice(["0", "-1", "x", "1.5", "9223372036854775807", "9223372036854775808", "4611686018427387904",
                                   "%31", "%00", "1%2F2", "+1", "01", " 1".replace(" ", "%20"), "٣".encode().hex(), "1e3", ""])
            kind = next((kind for kind in ("patient", "diagnosis", "recommendation", "feedback") if kind in path), "patient")
            return str(rng.choice(self.ids[kind] or [1]))
        return re.sub(r"\{(\w+)\}", value, path)

    def head(self, rng, number):
        method, path, operation = rng.choice([operation for operation in self.operations if operation[0] == "GET"])
        path = self.path_of(rng, path)
        token = self.tokens[rng.choice(["admin", "admin", "patient", "none"])]
        lines = [b"Host: localhost"] + ([b"Authorization: Bearer " + token.encode()] if token else [])
        version = b"HTTP/1.1"
        notes, statuses, is_framed = [], None, True
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            kind = rng.randrange(24)
            if kind == 0:
                method = rng.choice(["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "GE T",
                                     "M" * 200, "QUERY", "PRI", "", "G\x00T", "BREW", "LINK", "SOURCE", "CONNECT"])
                notes.append(f"method {method[:20]!r}")
                is_framed = is_framed and method in ("HEAD", "OPTIONS", "PATCH", "DELETE", "PUT", "POST")
            elif kind == 1:
                path = rng.choice(["http://localhost", "http://evil.example:99", "ftp://x", "//localhost", "/", "//", "*",
                                   "", "localhost:80", "?", "#", "http://[::1", "\\"]) + rng.choice([path, ""])
                notes.append("target")
                is_framed = False
            elif kind == 2:
                path = rng.choice([path.replace("/", "//"), "/./" + path, "/../.." + path, "/api/..%2f" + path, path + "/",
                                   path + "/.", path + "%", path + "%2", path + "%zz", path + "%00", path + "%ff%fe",
                                   path + "%c0%80", path + "%ed%a0%80", path + "%F0%9F%98%80", "/%61pi" + path[4:],
                                   path + ";a=b", path + "#x", path + "\x7f", path + "é", path + "\\..\\"])
                notes.append("path")
                is_framed = False
            elif kind == 3:
                path += rng.choice(["?", "&"]) + rng.choice([
                    "limit=", "limit=-1", "limit=0", "limit=1e3", "limit=99999999999999999999", "limit=1&limit=2", "cursor=x",
                    "cursor=" + "A" * 3000, "=", "&&&&", "%", "%00=%00", "a" * 5000, "limit=%D9%A3", "limit=+5", "a[]=1",
                    "&".join(f"{number}=1" for number in range(800)), "language=xx", "window=%ff", "level=a%00", "limit=5;x",
                    "cursor=" + base64url(rng.randbytes(30)).decode(), "language=" + "e" * 2000, "limit=1.0", "%6cimit=1"])
                notes.append("query")
            elif kind == 4:
                version = rng.choice([b"HTTP/1.0", b"HTTP/1.1 ", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.2", b"HTTP/9.9", b"http/1.1",
                                      b"HTTP/1", b"", b"HTTP/1.1x", b"RTSP/1.0", b"HTTP/11.1", b"HTTP/-1.1"])
                notes.append("version")
                is_framed = False
            elif kind == 5:
                lines = [line for line in lines if not line.startswith(b"Host")]
                lines += rng.choice([[], [b"Host: a", b"Host: b"], [b"Host: a", b"host: a"], [b"Host:"], [b"Host: a b"],
                                     [b"Host: [::1"], [b"Host: localhost:99999"], [b"Host: " + b"h" * 5000], [b"Host: a@b"],
                                     [b"Host: \xff"], [b"Host: a, b"]])
                notes.append("Host")
                is_framed = False
            elif kind == 6:
                lines += rng.choice([
                    [b"Content-Length: 0", b"Content-Length: 0"], [b"Content-Length: 5", b"Content-Length: 6"],
                    [b"Content-Length: -1"], [b"Content-Length: +1"], [b"Content-Length: 0x5"], [b"Content-Length: 1, 1"],
                    [b"Content-Length: 99999999999999999999"], [b"Content-Length: 18446744073709551615"], [b"Content-Length:"],
                    [b"Content-Length: 5"], [b"Content-Length: 9223372036854775807"], [b"Content-Length: 1e1"],
                    [b"Content-Length : 0"], [b"Content-Length: \xd9\xa3"]])
                notes.append("Content-Length")
                is_framed = False
            elif kind == 7:
                lines += rng.choice([
                    [b"Transfer-Encoding: chunked"], [b"Transfer-Encoding: chunked", b"Content-Length: 3"],
                    [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"], [b"Transfer-Encoding: gzip, chunked"],
                    [b"Transfer-Encoding: identity"], [b"Transfer-Encoding: xchunked"], [b"Transfer-Encoding:\x0bchunked"],
                    [b"Transfer-Encoding: chunked, identity"], [b"Transfer-Encoding:"], [b"TE: trailers, deflate;q=0.5"]])
                notes.append("Transfer-Encoding")
                is_framed = False
            elif kind == 8:
                lines += rng.choice([[b"X-A: b\r\n c"], [b"X-A:\r\n\tb"], [b" X-A: b"], [b"Authorization: Bearer\r\n x"],
                                     [b"X-A: b\rc"], [b"X-A: b\nX-B: c"]])
                notes.append("folded lines")
                is_framed = False
            elif kind == 9:
                lines += rng.choice([[b"X-\x00A: b"], [b"X-A: b\x00c"], [b"\x00"], [b"X-A\x7f: b"], [b": b"], [b"X-A"],
                                     [b"X A: b"], [b"X-A : b"], [b"X-\xd9\x85: b"], [b"X-A: \xff\xfe"], [b"X(A): b"]])
                notes.append("characters of headers")
                is_framed = False
            elif kind == 10:
                count = rng.choice([60, 90, 101, 150, 400, 3000])
                lines += [b"X-%d: a" % number for number in range(count)]
                notes.append(f"{count} headers")
                if count > 101:
                    statuses = {431}
                is_framed = False
            elif kind == 11:
                size = rng.choice([3000, 8000, 15000, 16500, 33000, 70000, 300000])
                lines += [b"X-Large: " + b"x" * size]
                notes.append(f"a header of {size} bytes")
                if size > 16384:
                    statuses = {431}
                is_framed = False
            elif kind == 12:
                lines += rng.choice([[b"Expect: 100-continue"], [b"Expect: 100-Continue", b"Content-Length: 0"],
                                     [b"Expect: 200-ok"], [b"Expect:"], [b"Expect: 100-continue, x"]])
                notes.append("Expect")
                is_framed = False
            elif kind == 13:
                lines += rng.choice([
                    [b"Connection: Close"], [b"Connection: close, x"], [b"Connection: x", b"Connection: close"],
                    [b"Connection: keep-alive, close"], [b"Connection: ,,,close"], [b"Connection: Upgrade"], [b"Connection:"],
                    [b"Connection: " + b"x," * 2000], [b"Connection: close; x=1"], [b"Keep-Alive: timeout=99999999"],
                    [b"Connection: Authorization"], [b"Proxy-Connection: keep-alive"]])
                notes.append("Connection")
                is_framed = False
            elif kind == 14:
                lines += [rng.choice([
                    b"Accept-Language: fa;q=9", b"Accept-Language: " + b"a," * 3000, b"Accept-Language: *", b"Accept-Language: fa-IR-" + b"x" * 200,
                    b"Accept-Language: \xff", b"Accept-Language: en;q=nan, fa;q=inf, ar;q=-1", b"Accept-Language: ;;;,,,",
                    b"Accept-Language: fa;q=1e999", b"Accept-Language: fa;q=0.5;q=0.9"])]
                notes.append("Accept-Language")
            elif kind == 15:
                lines += [b"If-None-Match: " + rng.choice([
                    b"*", b'"', b'"x', b'W/"x"', b'"a", "b", W/"c"', b'"' + b"a" * 5000 + b'"', b"\xff", b", ," * 500, b'""'])]
                notes.append("If-None-Match")
            elif kind == 16:
                lines += [b"X-Forwarded-For: " + rng.choice([
                    b"1.2.3.4", b"1.2.3.4:50001", b"unknown", b"::1", b"[::1]:5", b"::ffff:1.2.3.4", b"1.2.3.4, " * 500 + b"5.6.7.8",
                    b"999.1.1.1", b"a" * 5000, b"\xff", b"", b",,,", b"_hidden", b"fe80::1%eth0", b"0x7f.1", b"1.2.3.4\x01"])]
                notes.append("X-Forwarded-For")
                is_framed = is_framed and not any(b"\x01" in line or b"\xff" in line for line in lines)
            elif kind == 17:
                lines += [b"Origin: " + rng.choice([
                    b"null", b"https://evil.example", b"*", b"", b"file://", b"https://a b", b"\xff", b"http://localhost:" + b"9" * 4000])]
                if rng.random() < 0.5:
                    method = "OPTIONS"
                    lines += [b"Access-Control-Request-Method: " + rng.choice([b"GET", b"PUT", b"", b"X" * 3000, b"a\tb"]),
                              b"Access-Control-Request-Headers: " + rng.choice([b"authorization", b"*", b"", b"a," * 3000])]
                notes.append("Origin")
                is_framed = is_framed and not any(b"\xff" in line for line in lines)
            elif kind == 18:
                lines += [b"Idempotency-Key: " + rng.choice([b"", b"k" * 300, b"\xff", b"a b", b"\x7f", b"'", b"k" * 9000])]
                method = rng.choice(["GET", "DELETE"])
                notes.append("Idempotency-Key")
                is_framed = False
            elif kind == 19:
                lines += [rng.choice([b"Content-Encoding: gzip", b"Content-Encoding: br, gzip", b"Accept-Encoding: gzip;q=nan",
                                      b"Accept-Encoding: *;q=0", b"Accept: text/plain", b"Accept: " + b"*/*," * 2000,
                                      b"Content-Type: ;;;", b"Range: bytes=0-0,-1", b"If-Modified-Since: x", b"Cookie: " + b"a=b;" * 3000])]
                notes.append("other headers")
            elif kind == 20:
                lines = [b"Authorization: " + rng.choice([
                    b"Bearer", b"Bearer ", b"Basic YTpi", b"Bearer a b", b"bearer\t" + token.encode(), b"Negotiate", b"\xff",
                    b"Bearer " + b"x" * 9000, b", Bearer x", b'Digest username="a"'])] + [b"Host: localhost"]
                if rng.random() < 0.3:
                    lines.append(b"Authorization: Bearer " + token.encode())
                notes.append("Authorization")
                is_framed = is_framed and not any(b"\xff" in line for line in lines)
            elif kind == 21:
                size = rng.choice([4000, 9000, 15000, 17000, 20000, 40000, 200000])
                path = rng.choice(["/api/patients/", path + "?x="]) + rng.choice("1aA") * size
                notes.append(f"a target of {size} bytes")
                if size > 16384:
                    # Of a very large head, nothing may be known but that it is too large.
                    statuses = {414} if size < 100_000 else {414, 431}
                is_framed = False
            elif kind == 22:
                lines += [b"Upgrade: " + rng.choice([b"h2c", b"websocket", b"HTTP/2.0", b"", b"websocket, h2c"]),
                          b"Connection: Upgrade"]
                path = rng.choice([path, "/ws/1", "/ws/status", "/health", "/ws/broadcast-feedback-update"])
                notes.append("Upgrade")
                is_framed = False
            else:
                path = rng.choice(["/", "/docs", "/openapi.json", "/metrics", "/health", "/live", "/ready", "/ws/status", "/ws/1",
                                   "/ws/", "/ws", "/ws/0", "/ws/x", "/ws/1/", "/favicon.ico", "/robots.txt", "/.git/config",
                                   "/api", "/api/", "/api/feedback", "/api/feedback/99999999999", "/asyncapi.json"])
                method = rng.choice(["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT"])
                notes.append("other paths")
        data = method.encode() + b" " + path.encode() + b" " + version + b"\r\n" + b"\r\n".join(lines) + b"\r\n\r\n"
        if rng.random() < 0.03:
            data = rng.choice([
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.randbytes(500), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(40),
                rng.randbytes(rng.choice([1, 100, 5000])), b"\r\n" * 100 + data, b"\n" + data, data.replace(b"\r\n", b"\n"),
                data.replace(b"\r\n", b"\r"), data[:rng.randrange(len(data))], b"GET\r\n\r\n", b"GET /\r\n\r\n", data * 20])
            notes, statuses, is_framed = ["no HTTP"], None, False
        return Case("head", ", ".join(notes), data, method, statuses if len(notes) == 1 else None, is_framed)
