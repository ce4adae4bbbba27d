"""Checks the description of the live protocol, and that the server keeps to it: asyncapi.py BINARY [SCHEMA]

Runs in the folder of a clinic whose avicenna.yaml has token_secret_file, rate_limit: 0 and a high feedback_per_day, and starts the
server there. /asyncapi.json must be a document of AsyncAPI 3.0 (checked by its rules here, and by its official JSON schema where
SCHEMA names one). Each type of message and the close codes that a client can bring about are provoked. Each message must fit its
schema, and must not fit it any more with a member missing or of another type.
"""

import collections
import copy
import json
import re
import sqlite3
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import jsonschema

from served import Ended, Reader, Server, frame, handshake

BINARY = sys.argv[1]
SCHEMA = sys.argv[2] if len(sys.argv) > 2 else None
KEPT_MESSAGES = 100

failures = []


def check(what, is_good, found=""):
    if not is_good:
        failures.append(what)
        print(f"FAIL {what}: {str(found)[:600]}", flush=True)


# The document

FIELDS = {
    "document": "asyncapi! id info! servers defaultContentType channels operations components",
    "info": "title! version! description termsOfService contact license tags externalDocs",
    "channel": "address messages title summary description servers parameters tags externalDocs bindings",
    "parameter": "enum default description examples location",
    "operation": "action! channel! title summary description security tags externalDocs bindings traits messages reply",
    "message": "headers payload correlationId contentType name title summary description tags externalDocs bindings examples traits",
    "components": "schemas servers channels operations messages securitySchemes serverVariables parameters correlationIds replies "
                  "replyAddresses externalDocs tags operationTraits messageTraits serverBindings channelBindings "
                  "operationBindings messageBindings",
    "example": "headers payload name summary",
    "ws": "method query headers bindingVersion",
}
SECURITY = {"userPassword": [], "apiKey": ["in"], "X509": [], "symmetricEncryption": [], "asymmetricEncryption": [],
            "httpApiKey": ["name", "in"], "http": ["scheme"], "oauth2": ["flows"], "openIdConnect": ["openIdConnectUrl"],
            "plain": [], "scramSha256": [], "scramSha512": [], "gssapi": []}


class Document:
    """/asyncapi.json, and what it says."""

    def __init__(self, json):
        self.json = json

    def resolved(self, value):
        """What a reference, or a chain of them, leads to; None where it leads nowhere."""
        for _ in range(10):
            if not isinstance(value, dict) or "$ref" not in value:
                return value
            reference = value["$ref"]
            if not reference.startswith("#/"):
                return None
            value = self.json
            for part in reference[2:].split("/"):
                part = part.replace("~1", "/").replace("~0", "~")
                if not isinstance(value, dict) or part not in value:
                    return None
                value = value[part]
        return None

    def fields(self, kind, value, place):
        """Checks the names of the members of an object."""
        if not isinstance(value, dict):
            check(f"{place} is an object", False, value)
            return
        names = {name.rstrip("!") for name in FIELDS[kind].split()}
        required = {name[:-1] for name in FIELDS[kind].split() if name.endswith("!")}
        check(f"{place} has what is required", required <= set(value), required - set(value))
        unknown = {name for name in value if name not in names and not name.startswith("x-")}
        check(f"{place} has no unknown fields", not unknown, unknown)

    def walk(self, value, place="#"):
        """All objects of the document with their places."""
        if isinstance(value, dict):
            yield place, value
            for name, part in value.items():
                yield from self.walk(part, f"{place}/{name}")
        elif isinstance(value, list):
            for index, part in enumerate(value):
                yield from self.walk(part, f"{place}/{index}")

    def check(self):
        document = self.json
        self.fields("document", document, "the document")
        check("the version of AsyncAPI", document.get("asyncapi") == "3.0.0", document.get("asyncapi"))
        self.fields("info", document.get("info"), "info")
        for place, value in self.walk(document):
            if "$ref" in value and isinstance(value["$ref"], str):
                check(f"the reference at {place} leads somewhere", self.resolved(value) is not None, value)
        components = document.get("components", {})
        self.fields("components", components, "components")
        for kind, parts in components.items():
            for name in parts:
                check(f"the name of components/{kind}/{name}", re.fullmatch(r"[A-Za-z0-9._-]+", name))
        for name, schema in components.get("schemas", {}).items():
            self.check_schema(schema, f"components/schemas/{name}")
        for name, message in components.get("messages", {}).items():
            self.check_message(message, f"components/messages/{name}")
        for name, scheme in components.get("securitySchemes", {}).items():
            kind = scheme.get("type")
            check(f"the type of securitySchemes/{name}", kind in SECURITY, kind)
            check(f"securitySchemes/{name} is complete", all(field in scheme for field in SECURITY.get(kind, [])), scheme)
            if kind == "httpApiKey":
                check(f"securitySchemes/{name}/in", scheme.get("in") in ("query", "header", "cookie"), scheme)
        for name, channel in document.get("channels", {}).items():
            self.check_channel(self.resolved(channel), f"channels/{name}")
        for name, operation in document.get("operations", {}).items():
            self.check_operation(operation, f"operations/{name}")
        sent = [operation["action"] for operation in document.get("operations", {}).values()]
        check("the server sends and receives", set(sent) == {"send", "receive"}, sent)

    def check_schema(self, schema, place):
        try:
            jsonschema.Draft7Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            check(f"{place} is a JSON schema", False, error.message)

    def check_message(self, message, place):
        self.fields("message", message, place)
        if "payload" in message:
            self.check_schema(message["payload"], f"{place}/payload")
        else:
            check(f"{place} has a payload", False)
        for index, example in enumerate(message.get("examples", [])):
            self.fields("example", example, f"{place}/examples/{index}")
            errors = list(self.validator(message["payload"]).iter_errors(example.get("payload")))
            check(f"{place}/examples/{index} fits its schema", not errors, [error.message for error in errors])

    def check_channel(self, channel, place):
        self.fields("channel", channel, place)
        address = channel.get("address") or ""
        in_address = set(re.findall(r"\{(\w+)\}", address))
        check(f"the parameters of {place} are those of its address", in_address == set(channel.get("parameters", {})), address)
        for name, parameter in channel.get("parameters", {}).items():
            self.fields("parameter", self.resolved(parameter), f"{place}/parameters/{name}")
            for field in ("enum", "examples"):
                check(f"{place}/parameters/{name}/{field} are texts",
                      all(isinstance(item, str) for item in parameter.get(field, [])), parameter)
        for name, message in channel.get("messages", {}).items():
            self.check_message(self.resolved(message), f"{place}/messages/{name}")
        binding = channel.get("bindings", {}).get("ws")
        if binding is not None:
            self.fields("ws", binding, f"{place}/bindings/ws")
            for field in ("query", "headers"):
                if field in binding:
                    self.check_schema(binding[field], f"{place}/bindings/ws/{field}")
                    check(f"{place}/bindings/ws/{field} describes an object",
                          binding[field].get("type") == "object" and "properties" in binding[field], binding[field])

    def check_operation(self, operation, place):
        self.fields("operation", operation, place)
        check(f"the action of {place}", operation.get("action") in ("send", "receive"), operation.get("action"))
        channel = operation.get("channel", {}).get("$ref", "")
        check(f"the channel of {place} is one of the document", re.fullmatch(r"#/channels/[^/]+", channel), channel)
        for message in operation.get("messages", []):
            check(f"the messages of {place} are those of its channel",
                  message.get("$ref", "").startswith(f"{channel}/messages/"), message)
        for security in operation.get("security", []):
            check(f"the security of {place}", (self.resolved(security) or {}).get("type") in SECURITY, security)

    def validator(self, schema):
        """A validator that resolves references into the document."""
        return jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver("", self.json))

    def messages(self, action):
        """The messages that the server sends or receives, by name."""
        found = {}
        for operation in self.json.get("operations", {}).values():
            if operation.get("action") == action:
                for message in operation.get("messages", []):
                    found[message["$ref"].rsplit("/", 1)[1]] = self.resolved(self.resolved(message))
        return found

    def describes_code(self, code):
        return re.search(rf"(?<![0-9]){code}(?![0-9])", json.dumps(self.json)) is not None


# The server


class Follower:
    """A client of a diagnosis; reads in the background what the server says."""

    def __init__(self, server, diagnosis, token, since=None):
        self.link = server.dial(20)
        query = "" if since is None else f"?since={since}"
        self.link.sendall(handshake(f"/ws/{diagnosis}{query}", token))
        self.reader = Reader(self.link)
        assert self.reader.answer("GET", 20).status == 101
        self.messages, self.code = [], None
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        code = 1006
        try:
            while True:
                opcode, content = self.reader.frame(120)
                if opcode == 1:
                    with self.changed:
                        self.messages.append(json.loads(content.decode()))
                        self.changed.notify_all()
                elif opcode == 9:
                    self.link.sendall(frame(10, content))
                elif opcode == 8:
                    code = int.from_bytes(content[:2], "big") if content else 1005
                    break
        except (Ended, OSError, TimeoutError):
            pass
        with self.changed:
            self.code = code
            self.changed.notify_all()

    def wait(self, condition, seconds=30):
        """Waits until a condition of this holds; returns whether it does."""
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), seconds)

    def has(self, kind, count=1):
        return self.wait(lambda follower: [message["type"] for message in follower.messages].count(kind) >= count)

    def closing(self, data=None):
        """The code of the close that follows what is sent."""
        if data:
            self.link.sendall(data)
        self.wait(lambda follower: follower.code is not None, 10)
        self.link.close()
        return self.code


def provoke(server):
    """All messages of all kinds as (message, whether the server made up its data), and the close codes seen."""
    database = sqlite3.connect("file:avicenna.db?mode=ro", uri=True, timeout=30)
    places = database.execute(
        "SELECT diagnosis_id, min(recommendation_id) FROM recommendations GROUP BY diagnosis_id HAVING count(*) > 1 "
        "ORDER BY diagnosis_id LIMIT 10").fetchall()
    service, admin = server.token("--service"), server.token("--admin")
    own, sent = [], []

    # A ranking is published once its scores have changed enough, which depends on what is known of the diagnosis.
    for diagnosis, recommendation in places:
        follower = Follower(server, diagnosis, admin)
        check("connect comes", follower.has("connect"))
        for rating in (5, 5, 1, 4):
            answer = server.ask("POST", "/api/feedback/submit", service,
                                {"recommendation_id": recommendation, "rating": rating, "side_effects": ["headache", "تهوع"],
                                 "symptom_improvement": 3, "compliance": 0.5, "comment": "خوب"})
            assert answer.status == 201, answer.body
        # The server may be running the job itself.
        subprocess.run([BINARY, "run", "feedback", "-q", "--wait", "30"], check=True)
        if follower.wait(lambda follower: "recommendation_update" in {message["type"] for message in follower.messages}, 3):
            break
    follower.link.sendall(frame(1, b'{"type":"ping"}'))
    check("pong comes", follower.has("pong"))
    identifier = answer.json()["id"]
    server.ask("PUT", f"/api/feedback/{identifier}", service, {"rating": 2})
    server.ask("DELETE", f"/api/feedback/{identifier}", service)
    for kind in ("feedback_update", "effectiveness_update", "recommendation_update"):
        check(f"{kind} comes", follower.has(kind, 1 if kind != "feedback_update" else 6),
              [message["type"] for message in follower.messages])
    with follower.changed:
        own += follower.messages
        count = len(follower.messages)
    for index in range(KEPT_MESSAGES + 5):
        kind = ["feedback", "effectiveness", "recommendation"][index % 3]
        answer = server.ask("POST", f"/ws/broadcast-{kind}-update", service,
                            {"diagnosis_id": diagnosis, "data": {"number": index, "text": "سلام", "list": [1, None, {}]}})
        assert answer.status == 202, answer.body
    check("broadcasts come", follower.wait(lambda follower: len(follower.messages) >= count + KEPT_MESSAGES + 5))
    with follower.changed:
        sent += follower.messages[count:]
        last = follower.messages[-1]["seq"]
    late = Follower(server, diagnosis, admin, since=0)
    check("resync comes", late.has("resync"))
    behind = Follower(server, diagnosis, admin, since=last - 1)
    check("a replay comes", behind.wait(lambda follower: len(follower.messages) >= 2))
    own += late.messages[:2] + behind.messages[:1]
    sent += behind.messages[1:2]

    codes = {}
    codes["close"] = late.closing(frame(8, b"\x03\xe8"))
    for name, data in [("reserved bit", frame(1, b"x", first=0xC0)), ("binary", frame(2, b"x")),
                       ("not UTF-8", frame(1, b"\xff")), ("large", frame(1, b"x" * 5000)),
                       ("many", frame(1, b"x") * 100)]:
        one = Follower(server, diagnosis, admin)
        check("connect comes", one.has("connect"))
        codes[name] = one.closing(data)
    codes["no diagnosis"] = Follower(server, 4_000_000_000, admin).closing()
    codes["bad token"] = Follower(server, diagnosis, admin[:-4] + "AAAA").closing()
    subject = f"gone-{time.time_ns()}"
    gone = Follower(server, diagnosis, server.token("--clinician", "--subject", subject))
    check("connect comes", gone.has("connect"))
    time.sleep(1.1)  # Times of tokens are whole seconds.
    subprocess.run([BINARY, "token", "--revoke-subject", subject], check=True, capture_output=True)
    codes["revoked"] = gone.closing()
    server.process.terminate()
    codes["shutdown"] = behind.closing()
    return own, sent, codes


# Messages and schemas


def strict(document, schema):
    """The schema with that of data which the server makes, where it also allows data of other programs."""
    schema = copy.deepcopy(schema)
    data = schema.get("properties", {}).get("data", {})
    if "anyOf" in data:
        data["anyOf"] = [part for part in data["anyOf"] if part != {"type": "object"}] or data["anyOf"]
    return schema


def mutations(value, place=""):
    """Copies of a value with a member missing, unknown or of another type, and where."""
    if isinstance(value, dict):
        for name, part in value.items():
            rest = {key: item for key, item in value.items() if key != name}
            yield f"{place}.{name} missing", rest
            yield f"{place}.{name} of another type", {**value, name: 5.5 if isinstance(part, (str, list, dict)) else ["odd"]}
            for what, changed in mutations(part, f"{place}.{name}"):
                yield what, {**value, name: changed}
        yield f"{place}.unknown added", {**value, "unknown": 1}
    elif isinstance(value, list) and value:
        yield f"{place}[0] of another type", ["odd" if isinstance(value[0], dict) else {}] + value[1:]
        for what, changed in mutations(value[0], f"{place}[0]"):
            yield what, [changed] + value[1:]


def check_messages(document, own, sent):
    described = document.messages("send")
    seen = collections.Counter(message["type"] for message in own + sent)
    check("all messages are described", set(seen) <= set(described), set(seen) - set(described))
    check("all messages that are described come", set(described) <= set(seen), set(described) - set(seen))
    accepted = collections.Counter()
    tried = 0
    for message, is_own in [(message, True) for message in own] + [(message, False) for message in sent]:
        kind = message["type"]
        if kind not in described:
            continue
        schema = described[kind].get("payload", {})
        loose, exact = document.validator(schema), document.validator(strict(document, schema))
        errors = list((exact if is_own else loose).iter_errors(message))
        check(f"{kind} fits its schema", not errors,
              [("/".join(map(str, error.absolute_path)), error.message[:200]) for error in errors])
        check(f"the time of {kind}", re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", message["at"]), message["at"])
        if errors:
            continue
        # What other programs send may be anything within the envelope.
        parts = mutations(message) if is_own else (
            (what, changed) for what, changed in mutations(message) if not what.startswith(".data."))
        for what, changed in parts:
            tried += 1
            if (exact if is_own else loose).is_valid(changed):
                accepted[f"{kind}{what}"] += 1
    check("mutated messages are rejected", not accepted, dict(accepted))
    return seen, tried


def main():
    server = Server(BINARY)
    try:
        answer = server.ask("GET", "/asyncapi.json")
        check("/asyncapi.json is served", answer.status == 200, answer.status)
        check("its type", (answer["content-type"] or "").startswith(
            ("application/json", "application/vnd.aai.asyncapi+json", "application/asyncapi+json")), answer["content-type"])
        if answer.status != 200:
            sys.exit(1)
        document = Document(answer.json())
        document.check()
        if SCHEMA:
            with open(SCHEMA) as file:
                official = json.load(file)
            errors = list(jsonschema.Draft7Validator(official).iter_errors(document.json))
            check("the official schema", not errors, [error.message[:200] for error in errors[:5]])
        received = document.messages("receive")
        check("ping is described", "ping" in received, list(received))
        if "ping" in received:
            validator = document.validator(received["ping"]["payload"])
            check("a ping fits its schema", validator.is_valid({"type": "ping"}))
            check("another message is no ping", not validator.is_valid({"type": "pong"}) and not validator.is_valid({}))
        own, sent, codes = provoke(server)
        seen, tried = check_messages(document, own, sent)
        for what, code in codes.items():
            check(f"the close after '{what}' is described", code is not None and document.describes_code(code), code)
    finally:
        server.stop()
    print(f"{sum(seen.values())} messages ({', '.join(f'{kind}: {count}' for kind, count in sorted(seen.items()))}), "
          f"{tried} mutations; close codes {', '.join(map(str, sorted(set(codes.values()), key=str)))}; {len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
