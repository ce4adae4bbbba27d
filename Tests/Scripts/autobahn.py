"""Runs the Autobahn test suite as the client of a server: autobahn.py WSTEST PORT TOKEN FOLDER [CASE ...]

WSTEST is the program of the suite; its reports go to FOLDER. The suite is made for servers that echo each message; this one
sends updates and does not echo. Between the two is a proxy that waits for the `connect` message that follows each handshake and
keeps it from the suite, so that cases do not depend on when it comes; after it, all bytes pass unchanged both ways.

Each case must be OK, NON-STRICT or INFORMATIONAL, or be in the table of exceptions, with the behaviour and close code that are
right there. A case in the table that turns out OK fails as well, so that the table stays true.
"""

import collections
import json
import os
import socket
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
from served import Ended, Reader

WSTEST, PORT, TOKEN, FOLDER = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
CASES = sys.argv[5:] or ["*"]
TIME_LIMIT = 600

GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
# Round trips of 1,000 messages, each of which waits for an echo.
EXCLUDED = ["9.7.*", "9.8.*"]

NOT_ECHOED = """the message is taken and not echoed: all else that the case waits for has come, and its close is answered with
the same code"""
LARGE = "messages of more than 4,096 bytes are refused with 1009"
BINARY = "binary messages are refused with 1003"


class Deviation:
    """Cases that do not end as the suite wants, and how they end."""

    def __init__(self, cases, behavior, close, codes, reason):
        self.cases, self.behavior, self.close, self.codes, self.reason = cases.split(), behavior, close, codes, reason

    def __contains__(self, case):
        return any(self.matches(pattern, case) for pattern in self.cases)

    @staticmethod
    def matches(pattern, case):
        """Whether a case is one of such as `6.2.*`, `1.1.1-5` or `7.1.1`."""
        *heads, last = pattern.split(".")
        *parts, tail = case.split(".")
        if parts[:len(heads)] != heads:
            return False
        if last == "*":
            return True
        low, _, high = last.partition("-")
        return parts == heads and int(low) <= int(tail) <= int(high or low)

    def differences(self, report):
        """How the report of a case deviates from this."""
        for name, expected in [("behavior", self.behavior), ("behaviorClose", self.close)]:
            if report[name] != expected:
                yield f"{name} is {report[name]} instead of {expected}"
        if report["remoteCloseCode"] not in self.codes:
            yield f"the close code is {report['remoteCloseCode']} instead of {sorted(self.codes)}"
        if not report["wasClean"]:
            yield "the close is not clean"
        if self.reason is NOT_ECHOED:
            expected = [event for event in report["expected"]["OK"] if event[0] != "message"]
            if report["received"] != expected:
                yield f"{report['received']} came instead of {expected}"


EXCEPTIONS = [
    Deviation("1.1.1-5 6.5.* 6.6.2 6.6.5 6.6.7 6.6.9 6.6.11 6.7.* 6.9.* 6.11.1-4 6.22.* 6.23.* 7.1.1",
               "FAILED", "WRONG CODE", {1001}, NOT_ECHOED),
    Deviation("5.3-8 5.19-20 6.1.* 6.2.*", "FAILED", "OK", {1000}, NOT_ECHOED),
    Deviation("1.1.6-8 1.2.6-8 9.1.* 9.2.* 9.3.2-9 9.4.5-9 9.5.* 9.6.* 10.1.1", "FAILED", "FAILED", {1009}, LARGE),
    Deviation("1.2.1-5 9.4.1-4", "FAILED", "FAILED", {1003}, BINARY),
    Deviation("9.3.1", "FAILED", "FAILED", {1008, 1009},
               "more than 50 frames a second are refused with 1008; they reach 4,096 bytes at about the same time"),
    Deviation("12.* 13.*", "UNIMPLEMENTED", "OK", {1000}, "permessage-deflate is not spoken, and offers of it are passed over"),
]


class Proxy:
    """Passes connections on to the server; see above."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self.listener.getsockname()[1]
        self.refused = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, socket.create_connection(("127.0.0.1", PORT), 20) as server:
            for link in (client, server):
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            head = b""
            while b"\r\n\r\n" not in head:
                data = client.recv(65536)
                if not data:
                    return
                head += data
            server.sendall(head)
            answer = b""
            while b"\r\n\r\n" not in answer:
                data = server.recv(1)
                if not data:
                    return
                answer += data
            reader = Reader(server)
            try:
                opcode, message = reader.frame(20)
            except (Ended, TimeoutError):
                opcode, message = None, b""
            if opcode != 1 or b'"type":"connect"' not in message:
                self.refused.append((opcode, message))
                return
            client.sendall(answer + reader.buffer)
            other = threading.Thread(target=self.copy, args=(client, server), daemon=True)
            other.start()
            self.copy(server, client)
            other.join(30)

    @staticmethod
    def copy(source, target):
        source.settimeout(None)
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                target.sendall(data)
        except OSError:
            pass  # The suite also resets connections.
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It is closed already.


def run(port):
    """The reports by case."""
    spec = os.path.join(FOLDER, "spec.json")
    with open(spec, "w") as file:
        json.dump({"outdir": FOLDER, "servers": [{"agent": "avicenna", "url": f"ws://127.0.0.1:{port}/ws/1?token={TOKEN}"}],
                   "cases": CASES, "exclude-cases": EXCLUDED, "exclude-agent-cases": {}}, file)
    subprocess.run([WSTEST, "-m", "fuzzingclient", "-s", spec], check=True, timeout=TIME_LIMIT, cwd=FOLDER,
                   stdout=sys.stderr, stderr=sys.stderr)
    with open(os.path.join(FOLDER, "index.json")) as file:
        return json.load(file)["avicenna"]


def number(case):
    return [int(part) for part in case.split(".")]


def main():
    os.makedirs(FOLDER, exist_ok=True)
    proxy = Proxy()
    index = run(proxy.port)
    failures, counts = [], collections.Counter()
    for case in sorted(index, key=number):
        with open(os.path.join(FOLDER, index[case]["reportfile"])) as file:
            report = json.load(file)
        behaviors = report["behavior"], report["behaviorClose"]
        exception = next((exception for exception in EXCEPTIONS if case in exception), None)
        if exception is None:
            counts[behaviors[0]] += 1
            if not GOOD.issuperset(behaviors):
                failures.append((case, *behaviors, f"{report['result']} {report['resultClose']}"))
        elif GOOD.issuperset(behaviors):
            failures.append((case, *behaviors, "is in the table of exceptions and need not be"))
        else:
            counts[exception.reason] += 1
            print(case, *behaviors)
            failures += [(case, *behaviors, difference) for difference in exception.differences(report)]
    if CASES == ["*"]:
        failures += [(pattern, "-", "-", "is in the table of exceptions, and there is no such case")
                     for exception in EXCEPTIONS for pattern in exception.cases
                     if not any(exception.matches(pattern, case) for case in index)]
    failures += [("-", "-", "-", f"a connection began with {first} instead of connect") for first in proxy.refused]
    print(f"{len(index)} cases")
    for what, count in counts.most_common():
        print(f"{count}: {' '.join(what.split())}")
    for failure in failures:
        print("FAIL", *failure)
    sys.exit(1 if failures else 0)


main()
