"""Mutated bodies. Imported by network_fuzz.py."""

import gzip
import json

from fuzz_case import Case
from fuzz_values import Pairs, Raw, odd_values, written


class BodyCases:
    """Requests whose bodies are mutated, made of the schemas of /openapi.json."""

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
