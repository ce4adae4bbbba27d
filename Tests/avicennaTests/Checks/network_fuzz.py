"""Sends mutated tokens, request heads, bodies and WebSocket frames to a server, and checks that it withstands them.

network_fuzz.py BINARY SEED COUNT          runs COUNT cases
network_fuzz.py BINARY --replay SEED CASE  runs one of them again

Runs in the folder of a clinic whose avicenna.yaml has token_secret_file: secret, rate_limit: 0 and a high feedback_per_day,
and starts the server there. After each case the process must be alive and /health must answer. Answers must be quick and
well-formed, errors must be small problem documents, and there is no status of 500 or more but 503 with Retry-After. Where a
mutation leaves no doubt, the status is checked as well. A case depends on its seed and number, and on the clock in tokens.
"""

import base64
import collections
import gzip
import json
import random
import re
import struct
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
from served import Ended, KEY, Malformed, Reader, Server, base64url, frame, handshake, signed

BINARY = sys.argv[1]
REPLAY = sys.argv[2] == "--replay"
SEED, NUMBER = int(sys.argv[2 + REPLAY]), int(sys.argv[3 + REPLAY])

SLOWEST = 5
LARGEST_ERROR = 64 << 10
# Failures of a kind that are printed with their bytes; --replay prints those of the others.
PRINTED = 5
CLOSE_CODES = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1013, 4001, 4003}

with open("secret", "rb") as file:
    SECRET = file.read().strip()


# Values


class Pairs(list):
    """An object whose names may repeat."""


class Raw(bytes):
    """Bytes that are written as they are."""


def written(value):
    """JSON of a value in bytes, whatever it holds."""
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, dict):
        value = Pairs(value.items())
    if isinstance(value, Pairs):
        return b"{" + b",".join(written(name) + b":" + written(item) for name, item in value) + b"}"
    if isinstance(value, (list, tuple)):
        return b"[" + b",".join(map(written, value)) + b"]"
    return json.dumps(value, ensure_ascii=True).encode()


def nested(depth, left=b"[", right=b"]", inner=b""):
    return Raw(left * depth + inner + right * depth)


def odd_values(rng):
    """A value that nobody expects."""
    return rng.choice([
        None, True, False, 0, -1, 1, 1.5, -0.0, 2**31, 2**53 + 1, 2**62, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64,
        10**30, 10**400, Raw(b"1e999"), Raw(b"-1e999"), Raw(b"1e-999"), Raw(b"1E400"), Raw(b"0." + b"1" * 400),
        Raw(b"9" * 5000), Raw(b"1.0"), Raw(b"4e0"), Raw(b"-0"), 5e-324, 1.7e308, "", " ", "0", "1", "null", "\x00",
        "a\x00b", "\x1b[31m", "\u202e", "\ufeff", "\uffff", "\u200c", "é" * 300, "ا" * 5000, "😀" * 200,
        Raw(b'"\\ud800"'), Raw(b'"\\udc00\\ud800"'), Raw(b'"\\ud83d\\ude00"'), Raw(b'"\\u0000"'), "a;b;c", ";" * 300,
        "'; DROP TABLE feedback; --", "=1+1", "../../etc/passwd", "2026-02-30", "9999-12-31T23:59:60Z",
        "2026-01-01T00:00:00+99:99", [], [[]], {}, [None], {"": None}, {"__proto__": 1}, [0] * 2000, ["x"] * 2000,
        {str(number): number for number in range(300)}, nested(15), nested(17), nested(100), nested(2000),
        nested(600, b'{"a":', b"}", b"0"), nested(5000, b"[", b""),
    ])


# Tokens


def claims_of(role, number, now):
    claims = Pairs([("sub", role), ("role", role), ("exp", int(now) + 3600), ("iat", int(now)), ("jti", f"fuzz-{number}")])
    if role == "patient":
        claims.append(("patient_id", 7))
    return claims


def changed(claims, name, value):
    """The claims with another value of a name, which they may lack."""
    return Pairs([item for item in claims if item[0] != name] + [(name, value)])


def without(claims, name):
    return Pairs(item for item in claims if item[0] != name)


def mutated_claims(rng, claims, now):
    """The claims, what was changed, and whether the token must be refused."""
    control = rng.choice(["\x00", "a\x00b", "a\nb", "\x1b[0m", "a\x7f", "\x85"])
    refused = [
        ("exp missing", lambda: without(claims, "exp")),
        ("exp null", lambda: changed(claims, "exp", None)),
        ("exp text", lambda: changed(claims, "exp", str(int(now) + 3600))),
        ("exp past", lambda: changed(claims, "exp", int(now) - rng.choice([31, 40, 3600, 10**9]))),
        ("exp negative", lambda: changed(claims, "exp", rng.choice([-1, -2**63, -1e300, Raw(b"-1e308")]))),
        ("exp not a number", lambda: changed(claims, "exp", rng.choice([[], {}, True, Raw(b"NaN"), Raw(b"Infinity")]))),
        ("nbf ahead", lambda: changed(claims, "nbf", int(now) + rng.choice([90, 3600, 10**9, 10**12]))),
        ("iat ahead", lambda: changed(claims, "iat", int(now) + rng.choice([90, 3600, 10**9, 10**12]))),
        ("times of the wrong kind", lambda: changed(claims, rng.choice(["iat", "nbf"]), rng.choice(["1", [], {}, "x"]))),
        ("sub missing", lambda: without(claims, "sub")),
        ("sub empty", lambda: changed(claims, "sub", "")),
        ("sub with control characters", lambda: changed(claims, "sub", control)),
        ("sub of the wrong kind", lambda: changed(claims, "sub", rng.choice([None, 5, [], {}, ["admin"]]))),
        ("jti with control characters", lambda: changed(claims, "jti", control)),
        ("iss with control characters", lambda: changed(claims, "iss", control)),
        ("aud with control characters", lambda: changed(claims, "aud", rng.choice([control, ["a", control]]))),
        ("role missing", lambda: without(claims, "role")),
        ("role unknown", lambda: changed(claims, "role", rng.choice(
            ["root", "Admin", " admin", "admin ", "ADMIN", "", "admin\u200b", "аdmin", "admin,service", "patient;admin"]))),
        ("role of the wrong kind", lambda: changed(claims, "role", rng.choice([None, 1, ["admin"], {"admin": True}]))),
        ("a claim twice", lambda: Pairs(claims + [rng.choice(claims)])),
        ("a claim twice with two values", lambda: Pairs(claims + [(rng.choice(claims)[0], odd_values(rng))])),
        ("role twice by escapes", lambda: Pairs(claims + [(Raw(b'"ro\\u006ce"'), "admin")])),
        ("sub too long for a token", lambda: changed(claims, "sub", "s" * 9000)),
    ]
    open_ended = [
        ("aud", lambda: changed(claims, "aud", rng.choice(
            [[], [[]], [[], []], {}, None, 5, "", [""], [None], ["a", "b"], ["a", 5], {"a": "b"}, ["a"] * 1000, True,
             [["a"]], Raw(b"1e999"), Raw(b"[ ]"), Raw(b"[\n]"), nested(rng.choice([2, 20, 400, 2000]))]))),
        ("exp extreme", lambda: changed(claims, "exp", rng.choice(
            [2**31, 2**53, 2**62, 2**63 - 1, 2**63, 2**64, 10**18, 10**30, 10**300, 1e300, 1.7e308, Raw(b"1e999"),
             Raw(b"1e400"), now + 100.123456789, Raw(b"9" * 4000), Raw(b"1e-999"), Raw(b"0"), 253402300800]))),
        ("iat extreme", lambda: changed(claims, "iat", rng.choice(
            [0, -1, -2**63, -10**30, 1e-300, now - 0.5, -1e300, Raw(b"-1e999"), None, now + 20, -62135596801]))),
        ("nbf extreme", lambda: changed(claims, "nbf", rng.choice(
            [0, -1, -2**63, -10**30, now - 0.5, -1e300, Raw(b"-1e999"), None, now + 20]))),
        ("patient_id", lambda: changed(changed(claims, "role", "patient"), "patient_id", rng.choice(
            [-1, 0, 7, 7.0, 7.5, 2**53 + 1, 2**62, 2**63 - 1, 2**63, -2**63, 2**64, "7", "", None, True, [], [7], {},
             Raw(b"1e999"), Raw(b"7e0"), Raw(b"1e18"), Raw(b"9" * 400)]))),
        ("patient_id missing", lambda: without(changed(claims, "role", "patient"), "patient_id")),
        ("sub odd", lambda: changed(claims, "sub", rng.choice(
            [" ", "\u202eboss", "\ufeff", "\uffff", "ا" * 300, "😀" * 300, "a'b\"c", "=1+1", "null", "%00", "\u2028",
             Raw(b'"\\ud800"'), Raw(b'"\\udfff\\ud800"')]))),
        ("unknown claim", lambda: changed(claims, rng.choice(["x", "", "\x00", "realm_access", "scope"]), odd_values(rng))),
        ("jti", lambda: changed(claims, "jti", odd_values(rng))),
        ("iss", lambda: changed(claims, "iss", odd_values(rng))),
        ("any claim", lambda: changed(claims, rng.choice(claims)[0], odd_values(rng))),
        ("order", lambda: Pairs(rng.sample(claims, len(claims)))),
    ]
    must, mutations = rng.choice([(True, refused), (False, open_ended)])
    note, change = rng.choice(mutations)
    return change(), note, must


def mutated_token(rng, role, number, now):
    """A token, what was changed in it, and `refused`, `accepted` or `open`."""
    claims = claims_of(role, number, now)
    header = Pairs([("alg", "HS256"), ("typ", "JWT")])
    kind = rng.randrange(20)
    if kind == 0:
        return signed(written(header), written(claims), SECRET), "nothing", "accepted"
    if kind < 11:
        claims, note, must = mutated_claims(rng, claims, now)
        return signed(written(header), written(claims), SECRET), note, "refused" if must else "open"
    if kind < 14:
        note, header, digest, must = rng.choice([
            ("alg none", Pairs([("alg", rng.choice(["none", "None", "NONE", "nOnE"]))]), None, True),
            ("alg HS512", Pairs([("alg", "HS512")]), "sha512", True),
            ("alg HS384", Pairs([("alg", "HS384")]), "sha384", True),
            ("alg of another kind", changed(header, "alg", rng.choice(
                ["hs256", "HS256 ", "", "RS256", "ES256", "EdDSA", "PS256", None, 256, [], ["HS256"], True])), "sha256", True),
            ("alg missing", Pairs([("typ", "JWT")]), "sha256", True),
            ("alg twice", Pairs(header + [("alg", rng.choice(["none", "HS256", "RS256"]))]), "sha256", True),
            ("crit", changed(header, "crit", rng.choice([[], ["exp"], ["b64"], "exp", None, [[]], 5])), "sha256", True),
            ("b64 false", Pairs(header + [("b64", False), ("crit", ["b64"])]), "sha256", True),
            ("typ", changed(header, "typ", odd_values(rng)), "sha256", False),
            ("kid", changed(header, "kid", odd_values(rng)), "sha256", False),
            ("jku", Pairs(header + [("jku", "http://127.0.0.1:1/keys"), ("x5u", "http://127.0.0.1:1/")]), "sha256", False),
            ("jwk", Pairs(header + [("jwk", {"kty": "oct", "k": "a2V5"})]), "sha256", False),
            ("cty", changed(header, "cty", "JWT"), "sha256", False),
            ("unknown member", changed(header, "x", odd_values(rng)), "sha256", False),
            ("header of another kind", rng.choice([[], [header], 5, None, "HS256", Raw(b""), Raw(b"{"), nested(3000)]),
             "sha256", True),
        ])
        token = signed(written(header), written(claims), SECRET, digest or "sha256")
        if digest is None:
            token = token[:token.rindex(b".") + 1] + rng.choice([b"", token[token.rindex(b".") + 1:]])
        return token, note, "refused" if must else "open"
    if kind < 17:
        text = written(claims)
        note, text, must = rng.choice([
            ("payload in UTF-16LE", text.decode().encode("utf-16-le"), True),
            ("payload in UTF-16BE", text.decode().encode("utf-16-be"), True),
            ("payload in UTF-16 with BOM", text.decode().encode("utf-16"), True),
            ("payload in UTF-32", text.decode().encode("utf-32-le"), True),
            ("payload with BOM", b"\xef\xbb\xbf" + text, True),
            ("payload with more after it", text + rng.choice([b"x", b"{}", b"\x00", b","]), True),
            ("payload with a trailing comma", text[:-1] + b",}", True),
            ("payload with a comment", text[:-1] + b"/* */}", True),
            ("payload truncated", text[:rng.randrange(len(text))], True),
            ("payload of another kind", rng.choice([b"", b"null", b"[]", b"5", b'"x"', b"[" + text + b"]"]), True),
            ("payload with single quotes", text.replace(b'"', b"'"), True),
            ("payload that is not UTF-8", text[:-1] + b',"x":"\xff\xc0\x80"}', True),
            ("payload with white space", b" \t\r\n" + text + b"\n ", False),
            ("payload deep", b'{"x":' + b"[" * 5000 + text[1:], True),
            ("payload with control characters", text[:-1] + b',"x":"a\x01b"}', False),
        ])
        for_header = rng.random() < 0.2
        if for_header:
            text, note = written(claims), "header: " + note
            must = True
            head = {"UTF-16": written(header).decode().encode("utf-16-le"), "BOM": b"\xef\xbb\xbf" + written(header),
                    "rest": written(header) + b"x", "comma": written(header)[:-1] + b",}"}
            note, head = rng.choice([("header with " + key, value) for key, value in head.items()])
            return signed(head, text, SECRET), note, "refused"
        return signed(written(header), text, SECRET), note, "refused" if must else "open"
    token = signed(written(header), written(claims), SECRET)
    first, second, third = token.split(b".")
    flipped = bytearray(token)
    place = rng.randrange(len(token) - len(third), len(token) - 1)
    flipped[place] = ord("A") if flipped[place] != ord("A") else ord("B")
    note, token, must = rng.choice([
        ("another secret", signed(written(header), written(claims), b"l" * 40), True),
        ("signature changed", bytes(flipped), True),
        ("signature cut", token[:-rng.randrange(1, len(third))], True),
        ("signature missing", first + b"." + second, True),
        ("signature empty", first + b"." + second + b".", True),
        ("a part more", token + b"." + rng.choice([b"", third, b"x"]), True),
        ("padding", first + b"." + second + b"." + third + b"=", False),
        ("parts exchanged", second + b"." + first + b"." + third, True),
        ("standard alphabet", b".".join([first, second, base64.b64encode(base64.urlsafe_b64decode(third + b"="))]), False),
        ("dots", b"." * rng.choice([1, 2, 3, 8000]), True),
        ("other characters", first + b"." + second + rng.choice([b"%00", b"!", b"\xff", b"\xc3\xa9"]) + b"." + third, True),
        ("long", b"a" * rng.choice([8191, 8192, 8193, 12000]), True),
        ("white space within", first + b" ." + second + b"." + third, True),
    ])
    return token, note, "refused" if must else "open"


# Cases


class Case:
    """What is sent, and what must come of it."""

    def __init__(self, area, note, data, method="GET", statuses=None, is_framed=False, pause_at=None):
        self.area, self.note, self.data, self.method = area, note, data, method
        # The allowed statuses of the first answer.
        self.statuses = statuses
        # Whether exactly one answer comes before the client ends; otherwise the client ends, and any number may come.
        self.is_framed = is_framed
        # Where the data is sent in two parts.
        self.pause_at = pause_at
        # For WebSockets: whether the server must let in, and then the pongs and the number of messages that must come.
        self.is_follow = False
        self.token_verdict = "open"
        self.echoes = None
        # The frame that ends the connection after all that must come; without one the client stops sending.
        self.close = None
        # The codes that it may have closed with, which the server repeats.
        self.codes = set()


class Cases:
    """Makes the cases of a seed."""

    def __init__(self, document, ids, tokens):
        self.document, self.ids, self.tokens = document, ids, tokens
        self.schemas = document["components"]["schemas"]
        self.operations = []
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if method in ("get", "post", "put", "delete"):
                    self.operations.append((method.upper(), path, operation))
        self.operations.sort(key=lambda operation: operation[:2])
        self.writing = [operation for operation in self.operations if "requestBody" in operation[2]]

    def case(self, seed, number):
        rng = random.Random(f"{seed}:{number}")
        return [self.claims, self.head, self.body, self.frames][number % 4](rng, number)

    # (a) tokens

    def claims(self, rng, number):
        now = time.time()
        token, note, verdict = mutated_token(rng, rng.choice(["admin", "service", "admin", "patient"]), number, now)
        way = rng.choice(["staff", "staff", "anybody", "submit", "broadcast", "follow", "query", "subprotocol"])
        is_patient = b'"patient"' in base64.urlsafe_b64decode(token.split(b".")[1:2][0] + b"===") \
            if verdict == "accepted" else False
        if way in ("follow", "query", "subprotocol"):
            if way == "query":
                data = handshake("/ws/1?token=").replace(b"token= ", b"token=" + urllib.parse.quote(token).encode() + b" ")
            elif way == "subprotocol":
                data = handshake("/ws/1", headers=["Sec-WebSocket-Protocol: bearer, ?"]).replace(b", ?", b", " + token)
            else:
                data = handshake("/ws/1", headers=["Authorization: Bearer ?"]).replace(b"Bearer ?", b"Bearer " + token)
            case = Case("claims", f"{note}, by {way}", data)
            case.is_follow = True
            case.close, case.codes = frame(8, struct.pack(">H", 1000)), {1000}
            case.token_verdict = "open" if is_patient else verdict
            return case
        scheme = b"Bearer "
        if verdict == "accepted" and rng.random() < 0.3:
            scheme = rng.choice([b"bearer ", b"BEARER ", b"Bearer  "])
            verdict = "open"
        body = b""
        if way == "staff":
            method, path = "GET", rng.choice(["/api/patients?limit=1", "/api/patients/7", "/api/diagnoses/1"])
        elif way == "anybody":
            method, path = "GET", rng.choice(["/api/feedback/statistics", "/api/analytics/trending"])
        elif way == "submit":
            method, path, body = "POST", "/api/feedback/submit", written(
                {"recommendation_id": self.ids["recommendation"][0], "rating": 4})
        else:
            method, path, body = "POST", "/ws/broadcast-feedback-update", written(
                {"diagnosis_id": self.ids["diagnosis"][0], "data": {"n": number}})
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ".encode() + scheme + token + b"\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n".encode()
        statuses = {"refused": {401}, "accepted": set(range(200, 300)) | ({401, 403, 404} if is_patient else {404}),
                    "open": None}[verdict]
        if verdict == "refused" and b"\xff" in token:
            statuses = {400, 401}
        # A head of more than 16 KiB may be refused as such.
        if len(token) > 8192 and statuses:
            statuses = {401, 431}
        return Case("claims", f"{note}, {way}", head + b"\r\n" + body, method, statuses, is_framed=True)

    # (b) request lines and headers

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
                    statuses = {414}
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

    # (c) bodies

    def example(self, schema, rng, depth=0):
        """A value of a schema."""
        if "$ref" in schema:
            return self.example(self.schemas[schema["$ref"].rsplit("/", 1)[1]], rng, depth)
        if "anyOf" in schema:
            return self.example(rng.choice(schema["anyOf"]), rng, depth)
        if "enum" in schema:
            return rng.choice(schema["enum"])
        kind = schema.get("type")
        if kind == "object":
            required = schema.get("required", [])
            return {name: self.example_of(name, part, rng, depth + 1) for name, part in schema.get("properties", {}).items()
                    if name in required or rng.random() < 0.5}
        if kind == "array":
            low = schema.get("minItems", 0)
            count = rng.randint(low, min(schema.get("maxItems", 3), max(low, 3)))
            return [self.example(schema.get("items", {}), rng, depth + 1) for _ in range(count)]
        if kind == "integer":
            return rng.randint(schema.get("minimum", 0), min(schema.get("maximum", 1000), schema.get("minimum", 0) + 1000))
        if kind == "number":
            return round(rng.uniform(schema.get("minimum", 0), schema.get("maximum", 1)), 2)
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "string":
            if schema.get("format") == "date-time":
                return f"2026-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}T10:00:00Z"
            return rng.choice(["زعفران", "headache", "سردرد؛ تهوع", "a"])
        return None

    def example_of(self, name, schema, rng, depth):
        kind = next((kind for kind in self.ids if name in (kind + "_id", kind + "_ids")), None)
        if kind and name.endswith("_ids"):
            return rng.sample(self.ids[kind], min(3, len(self.ids[kind])))
        if kind:
            return rng.choice(self.ids[kind])
        return None if name == "id" else self.example(schema, rng, depth)

    def body(self, rng, number):
        method, template, operation = rng.choice(self.writing + [("POST", "/ws/broadcast-feedback-update", None)] * 2)
        path = self.path_of(rng, template)
        if operation:
            value = self.example(operation["requestBody"]["content"]["application/json"]["schema"], rng)
        else:
            path = "/ws/broadcast-" + rng.choice(["feedback", "effectiveness", "recommendation"]) + "-update"
            value = {"diagnosis_id": rng.choice(self.ids["diagnosis"]), "data": {"n": number}}
        text = written(value)
        headers = [b"Content-Type: application/json"]
        note, statuses, is_json = "nothing", None, True
        kind = rng.randrange(12)
        if kind < 4:
            text, note = self.changed_value(rng, value)
        elif kind < 8:
            note, text, is_json = self.changed_text(rng, value, text)
        elif kind == 8:
            note, header = rng.choice([
                ("gzip", b"Content-Encoding: gzip"), ("deflate", b"Content-Encoding: deflate"), ("br", b"Content-Encoding: br"),
                ("identity", b"Content-Encoding: identity"), ("two codings", b"Content-Encoding: gzip, gzip"),
                ("empty coding", b"Content-Encoding:")])
            if "gzip" in note or note == "two codings":
                text = gzip.compress(text, mtime=0)
                statuses = {415}
            headers.append(header)
        elif kind == 9:
            note = "content type"
            headers = [b"Content-Type: " + rng.choice([
                b"text/plain", b"application/json; charset=utf-16", b"application/json;charset=UTF-8", b"APPLICATION/JSON",
                b"application/problem+json", b"", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x",
                b"application/json, text/plain", b"application/jsonx", b"\xff", b"application/json" + b";a=b" * 500])]
            if rng.random() < 0.2:
                headers = []
        elif kind == 10:
            note = "Idempotency-Key"
            headers.append(b"Idempotency-Key: " + rng.choice([b"fuzz-1", b"fuzz-1", b"", b"k" * 255, b"k" * 256, b"a b", b"\x7f", b"\xff"]))
        is_framed = True
        if not is_json:
            # Other reasons to refuse may come first: something that is not there, or a body that is too large.
            statuses = {400} if "{" not in template else {400, 403, 404, 422}
            if len(text) > 60_000:
                statuses = statuses | {413}
        head = [f"{method} {path} HTTP/1.1".encode(), b"Host: localhost", b"Authorization: Bearer " + self.tokens["service"].encode()]
        framing = rng.randrange(10)
        pause_at = None
        if framing < 6:
            head.append(b"Content-Length: %d" % len(text))
            payload = text
        elif framing < 8:
            head.append(b"Transfer-Encoding: chunked")
            sizes = [rng.choice([1, 7, 100, 4096, 100000]) for _ in range(50)] + [len(text) + 1]
            payload, rest = b"", text
            for size in sizes:
                if rest:
                    payload += b"%x\r\n" % len(rest[:size]) + rest[:size] + b"\r\n"
                    rest = rest[size:]
            payload += b"0\r\n\r\n"
            note += ", chunked"
        elif framing == 8:
            head.append(b"Transfer-Encoding: chunked")
            chunk = b"%x\r\n" % len(text) + text + b"\r\n0\r\n\r\n"
            payload = rng.choice([
                b"zz\r\n" + text, b"-1\r\n" + text, b"FFFFFFFFFFFFFFFFF\r\n" + text, b"7fffffffffffffff\r\n" + text,
                b"ffffffffffffffff\r\n" + text, b"0x5\r\n" + text, b"\r\n" + chunk, chunk[:rng.randrange(len(chunk))],
                b"5" + b" " * 5000 + b"\r\n", b"%x;ext=" % len(text) + b"e" * 20000 + b"\r\n" + text + b"\r\n0\r\n\r\n",
                chunk[:-2] + b"X-Trailer: a\r\n\r\n", chunk[:-2] + b"X-T: " + b"t" * 40000 + b"\r\n\r\n",
                chunk[:-2] + b"".join(b"X-%d: a\r\n" % index for index in range(500)) + b"\r\n",
                b"%x\r\n" % (len(text) - 1) + text + b"\r\n0\r\n\r\n", b"%x\n" % len(text) + text + b"\n0\n\n", b"0\r\n\r\n" + chunk])
            note, statuses, is_framed = note + ", bad chunks", None, False
        else:
            difference = rng.choice([-1, 1, 5, 1000, 300_000, 10**12, 2**63 - 1 - len(text)])
            head.append(b"Content-Length: %d" % max(0, len(text) + difference))
            payload = text
            note, statuses, is_framed = note + f", Content-Length off by {difference}", None, False
        rng.shuffle(headers)
        data = b"\r\n".join(head + headers) + b"\r\n\r\n"
        if rng.random() < 0.15:
            pause_at = rng.randrange(1, len(data) + len(payload))
        if any(b"\xff" in header or b"\x7f" in header for header in headers):
            is_framed, statuses = False, None
        return Case("body", f"{method} {template}: {note}", data + payload, method, statuses, is_framed, pause_at)

    @staticmethod
    def changed_value(rng, value):
        """JSON of the value with one or more parts changed, and what was."""
        value = json.loads(json.dumps(value))
        notes = []
        for _ in range(rng.choice([1, 1, 2])):
            places = []

            def visit(part):
                if isinstance(part, dict):
                    places.append(part)
                    for item in part.values():
                        visit(item)
                elif isinstance(part, list):
                    places.append(part)
                    for item in part:
                        visit(item)

            visit(value)
            part = rng.choice(places)
            kind = rng.randrange(5)
            odd = odd_values(rng)
            if isinstance(part, list):
                if part and kind < 3:
                    part[rng.randrange(len(part))] = odd
                elif kind == 3:
                    part += part * rng.choice([1, 20, 600]) or [odd]
                else:
                    part.append(odd)
                notes.append("list")
            elif part and kind < 3:
                name = rng.choice(list(part))
                part[name] = odd
                notes.append(f"{name} odd")
            elif part and kind == 3:
                name = rng.choice(list(part))
                del part[name]
                notes.append(f"{name} missing")
            else:
                for index in range(rng.choice([1, 1, 30, 3000])):
                    part[rng.choice(["x", "ratings", "", "\x00", "__proto__", "é" * 50, "a" * 3000]) + str(index)] = odd if index < 3 else 1
                notes.append("unknown names")
        return written(value), ", ".join(notes)

    @staticmethod
    def changed_text(rng, value, text):
        """What was changed, the text, and whether it is still JSON that may be taken."""
        name = next(iter(value), "x")
        depth = rng.choice([20, 500, 5000, 100_000])
        return rng.choice([
            ("UTF-16LE", text.decode().encode("utf-16-le"), False),
            ("UTF-16BE", text.decode().encode("utf-16-be"), False),
            ("UTF-16 with BOM", text.decode().encode("utf-16"), False),
            ("UTF-32", text.decode().encode("utf-32-le"), False),
            ("BOM", b"\xef\xbb\xbf" + text, False),
            ("UTF-16LE that hides nesting", ('{"comment":"∀","b":' + "[" * 400 + "]" * 400 + "}").encode("utf-16-le"), False),
            ("deep", text[:-1] + b',"x":' + b"[" * depth + b"]" * depth + b"}", False),
            ("deep without end", b"[" * depth, False),
            ("deep objects", b'{"a":' * depth, False),
            ("trailing comma", text[:-1] + b",}", False),
            ("comma in a list", text[:-1] + b',"x":[1,]}', False),
            ("leading comma", b"{," + text[1:], False),
            ("a name twice", written(Pairs(list(value.items()) + [(name, value.get(name))])), False),
            ("a name twice with two values", written(Pairs([(name, odd_values(rng))] + list(value.items()))), False),
            ("a name twice by escapes", written(Pairs(
                list(value.items()) + [(Raw(b'"' + b"".join(b"\\u%04x" % ord(letter) for letter in name) + b'"'), 1)])), False),
            ("huge number", text[:-1] + b',"x":1e999}', True),
            ("long number", text[:-1] + b',"x":' + b"9" * 20_000 + b"}", True),
            ("invalid UTF-8", text[:-1] + b',"x":"\xff\xfe\xc0\x80"}', False),
            ("surrogates in UTF-8", text[:-1] + b',"x":"\xed\xa0\x80"}', False),
            ("lone surrogate", text[:-1] + b',"x":"\\ud800"}', True),
            ("control character", text[:-1] + b',"x":"a\x01"}', False),
            ("NUL after it", text + b"\x00", False),
            ("more after it", text + rng.choice([b"x", b"{}", text]), False),
            ("truncated", text[:rng.randrange(1, len(text))], False),
            ("empty", b"", False),
            ("white space only", b" " * rng.choice([1, 1000, 60_000]), False),
            ("single quotes", text.replace(b'"', b"'"), False),
            ("comment", text[:-1] + b"/*x*/}", False),
            ("numbers of JavaScript", text[:-1] + rng.choice([b',"x":NaN}', b',"x":Infinity}', b',"x":0x1}', b',"x":01}', b',"x":+1}', b',"x":.5}', b',"x":1.}']), False),
            ("giant list", written([0] * rng.choice([1000, 20_000, 120_000])), True),
            ("another kind", rng.choice([b"null", b"5", b'"x"', b"[]", b"true", b"[" + text + b"]"]), True),
            ("many names", written({f"n{index}": 1 for index in range(rng.choice([100, 3000, 20_000]))}), True),
            ("too large", text[:-1] + b',"x":"' + b"x" * 300_000 + b'"}', True),
            ("escapes", text[:-1] + b',"x":"' + b"\\u0041" * rng.choice([10, 5000, 40_000]) + b'"}', True),
            ("bytes flipped", bytes(byte ^ (rng.randrange(256) if rng.random() < 0.02 else 0) for byte in text), True),
            ("white space around", b"\r\n\t " + text.replace(b":", b" : ") + b"\n", True),
        ])

    # (d) WebSocket frames

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


# Running


class Run:
    """A server, and the failures of cases so far."""

    def __init__(self):
        self.failures = collections.Counter()
        self.statuses = collections.Counter()
        self.slowest = 0
        self.start()

    def start(self):
        self.server = Server(BINARY)
        self.probe = None
        tokens = {role: self.server.token(f"--{role}", *more) for role, more in
                  [("admin", []), ("service", []), ("patient", ["7"])]}
        tokens["none"] = ""
        document = self.server.ask("GET", "/openapi.json").json()
        ids = {}
        for kind, path in [("patient", "patients"), ("diagnosis", "diagnoses"), ("recommendation", "recommendations")]:
            # The records of the clinic; those of earlier cases come after them.
            page = self.server.ask("GET", f"/api/{path}?limit=20", tokens["service"]).json()
            ids[kind] = [item["id"] for item in next(part for part in page.values() if isinstance(part, list))][:20]
        if not hasattr(self, "own"):
            self.own = []
            for recommendation in ids["recommendation"][:3]:
                answer = self.server.ask("POST", "/api/feedback/submit", tokens["service"],
                                         {"recommendation_id": recommendation, "rating": 4})
                self.own.append(answer.json()["id"])
        ids["feedback"] = self.own
        self.cases = Cases(document, ids, tokens)

    def run(self, number):
        case = self.cases.case(SEED, number)
        reasons = []
        start = time.monotonic()
        try:
            with self.server.dial() as link:
                self.send(link, case)
                start = time.monotonic()
                if case.is_follow:
                    self.follow(link, case, reasons)
                else:
                    self.read(link, case, reasons)
        except (Malformed, AssertionError) as error:
            reasons.append(f"malformed answer: {error}")
        except TimeoutError:
            reasons.append(f"neither an answer nor an end within {SLOWEST} s")
        except ConnectionError as error:
            reasons.append(f"no connection: {error}")
        self.slowest = max(self.slowest, time.monotonic() - start)
        self.check_health(reasons)
        for reason in reasons:
            self.fail(number, case, reason)
        if not self.server.is_alive() or any("/health" in reason for reason in reasons):
            self.server.stop()
            self.start()

    @staticmethod
    def send(link, case):
        try:
            if case.pause_at:
                link.sendall(case.data[:case.pause_at])
                time.sleep(0.01)
                link.sendall(case.data[case.pause_at:])
            else:
                link.sendall(case.data)
            if not case.is_framed and not case.is_follow:
                link.shutdown(1)
        except (TimeoutError, OSError):
            pass  # Refused before the end: the answer counts.

    def read(self, link, case, reasons):
        reader, count, last = Reader(link), 0, None
        method = case.method
        while True:
            start = time.monotonic()
            try:
                answer = reader.answer(method, SLOWEST)
            except Ended as end:
                if end.partial and method == "HEAD" and last == 400:
                    pass  # Of a head that cannot be read, the method may not be known either.
                elif end.partial:
                    reasons.append(f"the connection ended within an answer, or after more than one: {reader.buffer[:60]!r}")
                elif case.is_framed and count == 0:
                    reasons.append("the connection ended without an answer")
                return
            count, last = count + 1, answer.status
            self.check(answer, time.monotonic() - start, reasons, method == "HEAD")
            if count == 1 and case.statuses and answer.status not in case.statuses:
                wanted = sorted(case.statuses)
                reasons.append(f"status {answer.status} instead of {wanted if len(wanted) < 5 else 'a success'}")
            if case.is_framed and reader.buffer:
                reasons.append(f"{len(reader.buffer)} bytes come after the answer: {reader.buffer[:60]!r}")
            if case.is_framed or answer.status == 101:
                return

    def check(self, answer, seconds, reasons, is_head=False):
        self.statuses[answer.status] += 1
        if seconds > SLOWEST:
            reasons.append(f"an answer took {seconds:.1f} s")
        if answer.status >= 500 and (answer.status != 503 or answer["retry-after"] is None):
            reasons.append(f"status {answer.status}" + (" without Retry-After" if answer.status == 503 else ""))
        if answer.status >= 400:
            if not is_head and answer.problem():
                reasons.append(f"{answer.status}: {answer.problem()}")
            if len(answer.body) > LARGEST_ERROR:
                reasons.append(f"an error of {len(answer.body)} bytes")

    def follow(self, link, case, reasons):
        reader = Reader(link)
        method = case.data.split(b" ", 1)[0].decode(errors="replace")
        try:
            answer = reader.answer(method, SLOWEST)
        except Ended:
            if case.token_verdict != "open":
                reasons.append("the connection ended without an answer")
            return
        self.check(answer, 0, reasons, method == "HEAD")
        if answer.status != 101:
            if case.token_verdict == "accepted":
                reasons.append(f"status {answer.status} instead of 101")
            elif case.token_verdict == "refused" and answer.status not in (400, 401, 431):
                reasons.append(f"status {answer.status} instead of 401 or a close")
            return
        messages, pongs, code = [], [], None
        has_ended = False
        while True:
            try:
                opcode, content = reader.frame(SLOWEST)
            except Ended as end:
                if end.partial:
                    reasons.append("the connection ended within a frame")
                break
            if opcode == 8:
                code = int.from_bytes(content[:2], "big") if content else 1005
                content[2:].decode()
                break
            if opcode == 10:
                pongs.append(content)
            elif opcode == 1:
                message = json.loads(content.decode())
                assert isinstance(message, dict) and set(message) == {"type", "diagnosis_id", "seq", "at", "data"}, message
                messages.append(message["type"])
            expected = case.echoes or ([], 0)
            if not has_ended and "connect" in messages and len(pongs) >= len(expected[0]) \
                    and messages.count("pong") >= expected[1]:
                has_ended = True
                self.end(link, case)
        if messages and messages[0] != "connect":
            reasons.append(f"the first message is {messages[0]}")
        if code is not None and code not in CLOSE_CODES | case.codes:
            reasons.append(f"close code {code}")
        if case.token_verdict == "refused" and (messages or code not in (1008, 4001)):
            reasons.append(f"a token that must be refused led to {messages[:3]} and close {code}")
        if case.token_verdict == "accepted":
            if "connect" not in messages:
                reasons.append(f"no connect, but {messages[:3]} and close {code}")
            elif case.echoes and (pongs != case.echoes[0] or messages.count("pong") != case.echoes[1]):
                reasons.append(f"{len(pongs)} pongs and {messages.count('pong')} messages instead of "
                               f"{len(case.echoes[0])} and {case.echoes[1]}")
            elif code not in case.codes:
                reasons.append(f"a close with {sorted(case.codes)} is answered with {code}")

    @staticmethod
    def end(link, case):
        """Ends what nothing else ends."""
        try:
            if case.close is not None:
                link.sendall(case.close)
            else:
                link.shutdown(1)
        except OSError:
            pass  # The server was first.

    def check_health(self, reasons):
        if not self.server.is_alive():
            log = [line for line in self.server.log().splitlines() if re.search("(?i)fatal|failed|error", line)][:1]
            reasons.append(f"the server has ended with {self.server.process.poll()}: {' '.join(log)[:300]}")
            return
        for attempt in (1, 2):
            try:
                if self.probe is None:
                    link = self.server.dial(SLOWEST)
                    self.probe = link, Reader(link)
                link, reader = self.probe
                link.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                answer = reader.answer("GET", SLOWEST)
                if answer.status != 200:
                    reasons.append(f"/health answers {answer.status}")
                return
            except (Ended, ConnectionError):
                # A connection that was kept may have ended meanwhile.
                self.probe = None
                time.sleep(0.5)  # It may be about to end.
                if not self.server.is_alive():
                    return self.check_health(reasons)
                if attempt == 2:
                    reasons.append("/health does not answer")
            except (TimeoutError, Malformed) as error:
                self.probe = None
                reasons.append(f"/health does not answer: {error!r}")
                return

    def fail(self, number, case, reason):
        kind = f"{case.area}: {re.sub(r'0x[0-9a-f]+|[0-9]{4,}', 'N', reason)[:120]}"
        self.failures[kind] += 1
        print(f"FAIL seed {SEED} case {number}, {case.area} ({case.note}): {reason}", flush=True)
        if self.failures[kind] <= PRINTED:
            shown = case.data if len(case.data) <= 1500 or REPLAY else case.data[:1000]
            rest = f" and {len(case.data) - len(shown)} more bytes" if len(shown) < len(case.data) else ""
            print(f"  {shown!r}{rest}", flush=True)


def main():
    run = Run()
    start = time.monotonic()
    try:
        for number in [NUMBER] if REPLAY else range(NUMBER):
            run.run(number)
        seconds = time.monotonic() - start
        status = run.server.stop()
        if status != 0:
            print(f"the server ends with {status}: {run.server.log()[-1000:]}")
            run.failures["end of the server"] += 1
    finally:
        run.server.stop()
    for reason, count in run.failures.most_common():
        print(f"{count} x {reason}")
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(run.statuses.items()))
    print(f"{1 if REPLAY else NUMBER} cases in {seconds:.1f} s, slowest {run.slowest:.2f} s, "
          f"{sum(run.failures.values())} failures; {statuses}")
    sys.exit(1 if run.failures else 0)


main()
