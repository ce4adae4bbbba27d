"""Mutated tokens. Imported by network_fuzz.py."""

import base64
import urllib.parse
import struct
import time

from fuzz_case import Case
from fuzz_values import Pairs, Raw, nested, odd_values, written
from served import frame, handshake, signed

with open("secret", "rb") as file:
    SECRET = file.read().strip()


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


class TokenCases:
    """Requests and handshakes with mutated tokens."""

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
