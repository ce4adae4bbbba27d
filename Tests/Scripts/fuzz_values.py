"""JSON that nobody expects. Imported by network_fuzz.py."""

import json


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
