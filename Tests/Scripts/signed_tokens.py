"""Prints tokens signed with the secret of the tests' clinics, one a line: signed_tokens.py SET

SET names one of the functions that return tokens.
"""

import json
import sys
import time

sys.dont_write_bytecode = True
from served import signed

NOW = int(time.time())
SECRET = b"k" * 40


def token(payload, header='{"alg":"HS256","typ":"JWT"}', secret=SECRET):
    """A token whose header and payload are written as they are."""
    parts = [text if isinstance(text, bytes) else text.encode() for text in (header, payload)]
    return signed(*parts, secret).decode()


def claims(**changes):
    """Claims that are accepted, with changes."""
    return json.dumps({"sub": "s", "role": "admin", "exp": NOW + 600} | changes)


def addressed():
    """4 tokens that a server accepts whose issuer is `clinic` and whose audience is `avicenna`, and 14 that it refuses."""
    def made(without=None, algorithm="HS256", secret=SECRET, **changes):
        good = json.loads(claims(iss="clinic", aud="avicenna"))
        chosen = {name: value for name, value in (good | changes).items() if name != without}
        return token(json.dumps(chosen), json.dumps({"alg": algorithm, "typ": "JWT"}), secret)

    return [
        made(),
        made(aud=["else", "avicenna"]),
        made(exp=NOW - 20),
        made(nbf=NOW + 20),
        # From here on refused.
        made(algorithm="none").rpartition(".")[0] + ".",
        made(secret=b"x" * 40),
        made(algorithm="ES256"),
        made(algorithm="HS512"),
        made(exp=NOW - 40),
        made(nbf=NOW + 60),
        made(iss="else"),
        made(aud="else"),
        made(without="iss"),
        made(without="exp"),
        made(role="patient"),
        made(role="king"),
        made()[:-4] + "AAAA",
        "no.token.at-all",
    ]


def odd():
    """5 tokens that are odd and accepted, and 24 that are ambiguous or malformed and refused."""
    return [
        token(claims(aud=[])),
        token(claims(aud=["a", "b"])),
        token(claims(exp=NOW + 600.5)),
        token(claims(patient_id="x", realm_access={"roles": ["a"]})),
        token(claims(sub="s" * 255)),
        # From here on refused.
        token(claims(), '{"alg":"HS256","crit":["exp"]}'),
        token(claims(), '{"alg":"HS256","crit":[]}'),
        token(claims(), '{"alg":"HS256","kid":7}'),
        token(claims(), '{"alg":"HS256","alg":"HS256"}'),
        token('{"sub":"s","sub":"t","role":"admin","exp":%d}' % (NOW + 600)),
        token('{"sub":"s","role":"patient","role":"admin","exp":%d}' % (NOW + 600)),
        token(claims(sub="")),
        token(claims(sub="s" * 256)),
        token(claims(sub="a\x00b")),
        token(claims(sub="a\nb")),
        token(claims(jti="a\x07b")),
        token(claims(aud=["a\x1bb"])),
        token(claims(aud=[1])),
        token(claims(aud={"a": 1})),
        token(claims(exp="%d" % (NOW + 600))),
        token('{"sub":"s","role":"admin","exp":1e999}'),
        token('{"sub":"s","role":"admin","exp":%d,}' % (NOW + 600)),
        token(claims().encode("utf-16-le")),
        token(b"\xef\xbb\xbf" + claims().encode()),
        token('{"deep":%s,%s' % ("[" * 60 + "]" * 60, claims()[1:])),
        token(claims(role="patient", patient_id=-1)),
        token(claims(role="patient", patient_id=2**63)),
        token(claims(role="patient", patient_id=1.5)),
        token("[]"),
    ]


def old():
    """A token of a minute ago, one of an hour ago, and one that does not say when it was issued."""
    far = NOW + 3153600000
    return [token(claims(iat=NOW - 60, exp=far)), token(claims(iat=NOW - 3700, exp=far)), token(claims())]


def ahead():
    """Tokens of the subjects `ahead` and `other` by an issuer whose clock is ahead."""
    return [token(claims(sub=subject, iat=NOW + 25)) for subject in ("ahead", "other")]


def control_characters():
    """A token that is accepted, and 48 with control characters in a claim."""
    def made(**changes):
        return token(claims(**changes), '{"alg": "HS256"}')

    tokens = [made()]
    for text in ["a\0b", "\0", "a\0", "a\nb", "\x1b[31m", "a\x7f", "a\x85", "\t"]:
        tokens += [made(**{claim: text}) for claim in ("sub", "jti", "iss", "aud", "role")]
        tokens.append(made(aud=["x", text]))
    return tokens


SETS = [addressed, odd, old, ahead, control_characters]
print("\n".join({tokens.__name__: tokens for tokens in SETS}[sys.argv[1]]()))
