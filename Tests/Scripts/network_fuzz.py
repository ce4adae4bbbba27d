"""Sends mutated tokens, request heads, bodies and WebSocket frames to a server, and checks that it withstands them.

network_fuzz.py BINARY SEED COUNT          runs COUNT cases
network_fuzz.py BINARY --replay SEED CASE  runs one of them again

Runs in the folder of a clinic whose avicenna.yaml has token_secret_file: secret, rate_limit: 0 and a high feedback_per_day,
and starts the server there. After each case the process must be alive and /health must answer. Answers must be quick and
well-formed, errors must be small problem documents, and there is no status of 500 or more but 503 with Retry-After. Where a
mutation leaves no doubt, the status is checked as well. A case depends on its seed and number, and on the clock in tokens.
"""

import collections
import json
import random
import re
import sys
import time

sys.dont_write_bytecode = True
from fuzz_bodies import BodyCases
from fuzz_frames import FrameCases
from fuzz_heads import HeadCases
from fuzz_tokens import TokenCases
from served import Ended, Malformed, Reader, Server

BINARY = sys.argv[1]
REPLAY = sys.argv[2] == "--replay"
SEED, NUMBER = int(sys.argv[2 + REPLAY]), int(sys.argv[3 + REPLAY])

SLOWEST = 5
LARGEST_ERROR = 64 << 10
# Failures of a kind that are printed with their bytes; --replay prints those of the others.
PRINTED = 5
CLOSE_CODES = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1013, 4001, 4003}


class Cases(TokenCases, HeadCases, BodyCases, FrameCases):
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
                if end.partial and method == "HEAD" and last in (400, 414, 431):
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
            elif case.token_verdict == "refused" and answer.status not in (400, 401, 414, 431):
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
                assert isinstance(message, dict) and set(message) == {"type", "diagnosis_id", "seq", "epoch", "at", "data"}, message
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
