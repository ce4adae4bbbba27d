"""Attacks on a server, and what each costs it: attackers.py BINARY [ATTACK ...]

Runs in the folder of a clinic whose avicenna.yaml has token_secret_file: secret, rate_limit: 0 and feedback_per_day: 1000, and
starts the server there. Prints each measured figure with its limit. The CPU time of the event loops during one request bounds
how long it can hold one of them, however busy the machine is. Latency is that of clients that ask GET /health all the time.
"""

import concurrent.futures
import json
import multiprocessing
import os
import select
import sqlite3
import string
import sys
import threading
import time

sys.dont_write_bytecode = True
from served import Ended, Malformed, Reader, Server, handshake, request, signed

BINARY, CHOSEN = sys.argv[1], sys.argv[2:]

ROUNDS = 5
# CPU seconds of the event loops for one request.
LOOP_LIMIT = 0.010
# Seconds that others wait meanwhile.
LATENCY_LIMIT = 0.100
# Seconds that an answer is waited for.
ANSWER_LIMIT = 20
ERROR_LIMIT = 64 << 10
FRAME_LIMIT = 64 << 10
GROWTH_LIMIT = 100 << 10
MEMORY_LIMIT = 64 << 20
PROBES = 4
PROBE_PAUSE = 0.005

failures = []
printing = threading.Lock()


def check(attack, what, value, limit=None, unit="", is_good=None):
    """Prints a figure; it is good up to its limit, or where that is said."""
    if is_good is None:
        is_good = limit is None or value <= limit
    text = f"{value:.4g}" if isinstance(value, float) else f"{value}"
    with printing:
        print(f"{attack}: {what} {text}{unit}" + (f" (limit {limit:g}{unit})" if limit is not None else "")
              + (": ok" if is_good else ": FAIL"), flush=True)
    if not is_good:
        failures.append(attack)


# Clients that ask GET /health all the time


def probe(port, count, orders):
    """Asks on several connections in a process of its own; answers each order with the longest wait since the last one."""
    import socket
    links = []
    poll = select.poll()
    by_descriptor = {}
    asked = {}

    def connect(index):
        link = socket.create_connection(("127.0.0.1", port), 20)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        by_descriptor[link.fileno()] = index
        poll.register(link, select.POLLIN)
        if index < len(links):
            links[index] = link
        else:
            links.append(link)

    for index in range(count):
        connect(index)
    longest = 0
    due = {index: 0.0 for index in range(count)}
    while True:
        now = time.monotonic()
        for index, when in list(due.items()):
            if when <= now:
                del due[index]
                asked[index] = time.monotonic()
                links[index].sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for descriptor, _ in poll.poll(2):
            index = by_descriptor[descriptor]
            data = links[index].recv(65536)
            now = time.monotonic()
            if not data:
                poll.unregister(descriptor)
                links[index].close()
                del by_descriptor[descriptor]
                connect(index)
            longest = max(longest, now - asked.pop(index, now))
            due[index] = now + PROBE_PAUSE
        if orders.poll():
            if orders.recv() == "end":
                return
            # What still waits counts as well.
            now = time.monotonic()
            longest = max([longest] + [now - when for when in asked.values()])
            orders.send(longest)
            longest = 0


class Probes:
    """The clients of a server; a context in which they ask."""

    def __init__(self, server):
        loops = sum(open(f"/proc/{server.pid}/task/{thread}/comm").read().startswith("NIO-ELT")
                    for thread in os.listdir(f"/proc/{server.pid}/task"))
        # Connections go to the event loops in turn.
        self.orders, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=probe, args=(server.port, max(PROBES, loops), other), daemon=True)

    def __enter__(self):
        self.process.start()
        time.sleep(0.2)
        return self

    def longest(self):
        """The longest wait since the last time."""
        self.orders.send("report")
        assert self.orders.poll(60), "the probes do not answer"
        return self.orders.recv()

    def __exit__(self, *_):
        if self.process.is_alive():
            self.orders.send("end")
            self.process.join(5)
            self.process.kill()


# The clinic


class Clinic:
    """What the attacks need of the clinic."""

    def __init__(self, server):
        self.server = server
        self.database = sqlite3.connect("file:avicenna.db?mode=ro", uri=True, timeout=30, check_same_thread=False)
        self.recommendation, self.diagnosis, self.patient = self.database.execute(
            "SELECT recommendation_id, diagnosis_id, patient_id FROM recommendations JOIN diagnoses USING (diagnosis_id) "
            "ORDER BY recommendation_id LIMIT 1").fetchone()
        self.other_diagnosis = self.database.execute(
            "SELECT max(diagnosis_id) FROM diagnoses WHERE diagnosis_id <> ?", (self.diagnosis,)).fetchone()[0]
        self.patient_token = server.token("--patient", str(self.patient))
        self.service = server.token("--service")
        self.admin = server.token("--admin")

    def size(self):
        """Bytes that the database uses."""
        (pages,), (free,), (size,) = (self.database.execute(f"PRAGMA {name}").fetchone()
                                      for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * size


# Attacks by single requests


def measured(name, clinic, attacks, statuses):
    """Sends requests one at a time and all at once, and measures both."""
    server = clinic.server
    costs, answers = [], []
    for number in range(ROUNDS):
        before = server.event_loop_seconds()
        answers.append(exchange(server, [attacks[number % len(attacks)]])[0])
        # What the loop does after the answer belongs to it.
        time.sleep(0.05)
        costs.append(server.event_loop_seconds() - before)
        if number == 1 and min(costs) > 10 * LOOP_LIMIT:
            break
    waits = []
    with Probes(server) as probes:
        for number in range(ROUNDS):
            time.sleep(0.1)
            probes.longest()
            answers += exchange(server, attacks)
            waits.append(probes.longest())
            if number == 1 and min(waits) > 10 * LATENCY_LIMIT:
                break
    check(name, "event loop time of a request", 1000 * min(costs), 1000 * LOOP_LIMIT, " ms")
    check(name, "wait of other clients", 1000 * min(waits), 1000 * LATENCY_LIMIT, " ms")
    seen = {answer.status for answer in answers}
    check(name, "statuses", sorted(seen), is_good=seen <= statuses)
    check(name, "largest error", max(len(answer.body) for answer in answers), ERROR_LIMIT, " bytes")


def exchange(server, attacks):
    """The answers to requests that are sent at once, each on its own connection."""
    with concurrent.futures.ThreadPoolExecutor(len(attacks)) as pool:
        def one(data):
            with server.dial(ANSWER_LIMIT) as link:
                link.sendall(data)
                return Reader(link).answer(data.split(b" ", 1)[0].decode(), ANSWER_LIMIT)

        return list(pool.map(one, attacks))


def nesting(clinic):
    """UTF-16 whose bytes hide how deep the body is nested."""
    text = '{"recommendation_id":1,"rating":4,"comment":"∀","b":%s}' % ",".join(
        ["[" * 500 + "]" * 500])
    text = text[:-1] + "".join(f',"c{index}":{"[" * 500 + "]" * 500}' for index in range(7)) + "}"
    body = text.encode("utf-16-le")
    measured("nesting", clinic, [request("POST", "/api/feedback/submit", clinic.service, body)] * 3, {400})


def names(clinic):
    body = b'{"recommendation_id":1,"rating":4,' + ",".join(f'"{index}":1' for index in range(20_000)).encode() + b"}"
    body = body[:-1] + b"".join(b',"%d":1' % index for index in range(20_000, 25_000)) + b"}"
    measured("names", clinic, [request("POST", "/api/feedback/submit", clinic.service, body)], {400, 413, 422})


def batch_names(clinic):
    draft = ",".join(f'"{index}":1' for index in range(500))
    body = ('{"feedback":[' + ",".join(['{"recommendation_id":1,"rating":4,%s}' % draft] * 50) + "]}").encode()
    measured("batch_names", clinic, [request("POST", "/api/feedback/batch/submit", clinic.service, body)], {400, 413, 422})


def zeros(clinic):
    body = b'{"feedback":[' + b",".join([b"0"] * 127_000) + b"]}"
    measured("zeros", clinic, [request("POST", "/api/feedback/batch/submit", clinic.service, body)], {400, 413, 422})


def query(clinic):
    text = "&".join(f"{index}=1" for index in range(5000))[:15_000].rstrip("=&")
    measured("query", clinic, [request("GET", f"/api/analytics/trending?{text}", clinic.service)], {400, 414, 422})


def brackets(clinic):
    measured("brackets", clinic, [request("POST", "/api/feedback/submit", clinic.service, b"[" * 262_000)], {400, 413})


def escapes(clinic):
    body = b'{"recommendation_id":1,"rating":4,"comment":"' + b"\\u0627" * 43_600 + b'"}'
    measured("escapes", clinic, [request("POST", "/api/feedback/submit", clinic.service, body)], {400, 413, 422})


def audience(clinic):
    """A genuine token whose list of audiences is empty: refused, or read as one without an audience."""
    with open("secret", "rb") as file:
        secret = file.read().strip()
    claims = {"sub": "a", "role": "admin", "exp": int(time.time()) + 600, "aud": []}
    token = signed(b'{"alg":"HS256","typ":"JWT"}', json.dumps(claims).encode(), secret).decode()
    try:
        status = clinic.server.ask("GET", "/api/patients?limit=1", token, timeout=20).status
    except (Ended, AssertionError, OSError):
        status = "none"
    time.sleep(1)
    check("audience", "status", status, is_good=status in (200, 401))
    check("audience", "server alive", clinic.server.is_alive(), is_good=clinic.server.is_alive())


# Attacks by what accumulates


def side_effects(clinic):
    """Feedback with very many distinct side effects, and what later feedback costs."""
    server, letters, count = clinic.server, string.ascii_letters + string.digits, 0

    def texts():
        nonlocal count
        for _ in range(20):
            words = []
            for _ in range(50):
                count += 1
                words.append(letters[count // 3844 % 62] + letters[count // 62 % 62] + letters[count % 62])
            yield ";".join(words)

    statuses, largest = [], 0
    for _ in range(14):
        body = {"feedback": [{"recommendation_id": clinic.recommendation, "rating": 4, "side_effects": list(texts())}
                             for _ in range(50)]}
        answer = server.ask("POST", "/api/feedback/batch/submit", clinic.patient_token, body, timeout=120)
        statuses.append(answer.status)
        if answer.status >= 400:
            largest = max(largest, len(answer.body))
    check("side_effects", "statuses of the batches", sorted(set(statuses)), is_good=set(statuses) <= {413, 422})
    check("side_effects", "largest error", largest, ERROR_LIMIT, " bytes")
    link = server.dial(60)
    link.sendall(handshake(f"/ws/{clinic.diagnosis}", clinic.admin))
    reader = Reader(link)
    assert reader.answer("GET", 20).status == 101
    largest_frame = len(reader.frame(20)[1])
    costs, seconds, growths, waits, later = [], [], [], [], []
    with Probes(server) as probes:
        for number in range(ROUNDS):
            draft = {"recommendation_id": clinic.recommendation, "rating": 4, "side_effects": [f"headache {number}"]}
            time.sleep(0.3)
            size = clinic.size()
            probes.longest()
            start = time.monotonic()
            answer = server.ask("POST", "/api/feedback/submit", clinic.patient_token, draft, timeout=120)
            seconds.append(time.monotonic() - start)
            while True:
                try:
                    opcode, content = reader.frame(1)
                except TimeoutError:
                    break
                except Ended:
                    opcode, content = 8, b""
                if opcode == 8:
                    check("side_effects", "the follower is cut off:", content, is_good=False)
                    link = server.dial(60)
                    link.sendall(handshake(f"/ws/{clinic.diagnosis}", clinic.admin))
                    reader = Reader(link)
                    assert reader.answer("GET", 20).status == 101
                largest_frame = max(largest_frame, len(content))
            waits.append(probes.longest())
            growths.append(clinic.size() - size)
            later.append(answer.status)
            if min(seconds) > 5:
                break
    for number in range(len(later)):
        before = server.event_loop_seconds()
        server.ask("POST", "/api/feedback/submit", clinic.patient_token,
                   {"recommendation_id": clinic.recommendation, "rating": 4}, timeout=120)
        time.sleep(0.2)
        costs.append(server.event_loop_seconds() - before)
    link.close()
    check("side_effects", "statuses of later submits", sorted(set(later)), is_good=set(later) == {201})
    check("side_effects", "later submit", min(seconds), 0.5, " s")
    check("side_effects", "event loop time of a later submit", 1000 * min(costs), 1000 * LOOP_LIMIT, " ms")
    check("side_effects", "wait of other clients", 1000 * min(waits), 1000 * LATENCY_LIMIT, " ms")
    check("side_effects", "growth of the database per submit", max(growths), GROWTH_LIMIT, " bytes")
    check("side_effects", "largest frame of a follower", largest_frame, FRAME_LIMIT, " bytes")


# Slow attacks


def slow_body(clinic, token, most):
    """Sends a byte of a body a second; returns the status, and after how many seconds it and the end came."""
    head = ("POST /ws/broadcast-feedback-update HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "Content-Length: 2000\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "") + "\r\n")
    start = time.monotonic()
    status, answered = None, None
    with clinic.server.dial(60) as link:
        link.sendall(head.encode())
        reader = Reader(link)
        sent = 0
        while time.monotonic() - start < most:
            try:
                if status is None:
                    status = reader.answer("POST", 1).status
                    answered = time.monotonic() - start
                else:
                    reader.frame(1)
            except TimeoutError:
                pass
            except (Ended, Malformed):
                return status, answered, time.monotonic() - start
            try:
                link.sendall(b" " if sent else b"{")
                sent += 1
            except OSError:
                return status, answered, time.monotonic() - start
    return status, answered, None


def slow_stranger(clinic):
    status, answered, ended = slow_body(clinic, None, 45)
    check("slow_stranger", "status", status, is_good=status in (200, 401))
    check("slow_stranger", "seconds to the answer", answered, is_good=answered is not None and answered < 2)
    check("slow_stranger", "seconds to the end of the connection", ended, is_good=ended is not None and ended < 10)


def slow_service(clinic):
    status, answered, ended = slow_body(clinic, clinic.service, 60)
    check("slow_service", "status", status, is_good=status in (None, 408))
    check("slow_service", "seconds to the end of the connection", ended, is_good=ended is not None and ended < 35)


def held(server, ports):
    """How many connections of clients at these ports the server still has open."""
    count = 0
    with open("/proc/net/tcp") as file:
        for line in file.readlines()[1:]:
            parts = line.split()
            (_, local), (_, remote) = (part.split(":") for part in parts[1:3])
            # A socket that its process has closed has no inode.
            if int(local, 16) == server.port and int(remote, 16) in ports and parts[9] != "0":
                count += 1
    return count


def watch(server, links, most, start):
    """- Returns: after how many seconds the server had closed all connections; None where it did not within `most`."""
    ports = {link.getsockname()[1] for link in links}
    while time.monotonic() - start < most:
        if held(server, ports) == 0:
            return time.monotonic() - start
        time.sleep(0.5)
    return None


def deaf_followers(clinic, ready=None):
    """Followers that ask for all messages of before and never read them."""
    server = clinic.server
    text = "x" * 60_000
    for number in range(100):
        answer = server.ask("POST", "/ws/broadcast-feedback-update", clinic.service,
                            {"diagnosis_id": clinic.other_diagnosis, "data": {"number": number, "text": text}})
        assert answer.status == 202, answer.body
        if number == 0:
            since = answer.json()["seq"] - 1
    time.sleep(1)
    before = server.resident_bytes(forgets_peak=True)
    start = time.monotonic()
    links = []
    for _ in range(8):
        link = server.dial(20, receive_buffer=4096)
        link.sendall(handshake(f"/ws/{clinic.other_diagnosis}?since={since}", clinic.admin))
        links.append(link)
    time.sleep(10)
    check("deaf_followers", "growth of memory", (server.peak_bytes() - before) / 2**20, MEMORY_LIMIT / 2**20, " MiB")
    if ready:
        ready.set()
    seconds = watch(server, links, 100, start)
    check("deaf_followers", "seconds until all are cut off", seconds, is_good=seconds is not None and seconds <= 75)
    for link in links:
        link.close()


def deaf_clients(clinic):
    """Clients that ask for large answers again and again and never read them."""
    server = clinic.server
    patient = server.ask("POST", "/api/patients", clinic.service, {"mizaj_type": "garm_tar"}).json()["id"]
    symptoms = [f"{index:03d} " + "علامت " * 16 for index in range(100)]
    draft = {"patient_id": patient, "condition": "بی‌خوابی", "symptoms": symptoms}
    size = len(json.dumps(draft, ensure_ascii=False).encode())
    refused = 0
    for _ in range(200 // (250_000 // size)):
        body = json.dumps({"diagnoses": [draft] * (250_000 // size)}, ensure_ascii=False).encode()
        refused += server.ask("POST", "/api/diagnoses/batch", clinic.service, body).status != 201
    path = f"/api/patients/{patient}/diagnoses?limit=200"
    answer = server.ask("GET", path, clinic.service)
    with printing:
        print(f"deaf_clients: an answer has {len(answer.body)} bytes; {refused} batches of records were refused", flush=True)
    before = server.resident_bytes(forgets_peak=True)
    start = time.monotonic()
    links = []
    for _ in range(25):
        link = server.dial(20, receive_buffer=4096)
        link.sendall(request("GET", path, clinic.service) * 30)
        links.append(link)
    seconds = watch(server, links, 60, start)
    with printing:
        print(f"deaf_clients: memory grew by {(server.peak_bytes() - before) / 2**20:.0f} MiB", flush=True)
    check("deaf_clients", "seconds until all are cut off", seconds, is_good=seconds is not None and seconds <= 50)
    for link in links:
        link.close()


MEASURED = [nesting, names, batch_names, zeros, query, brackets, escapes, side_effects]
BACKGROUND = [slow_stranger, slow_service]
ALL = {function.__name__: function
       for function in [audience, *MEASURED, *BACKGROUND, deaf_followers, deaf_clients]}


def guarded(function, *arguments):
    """Runs an attack; one that cannot be run has failed."""
    start = time.monotonic()
    try:
        function(*arguments)
        with printing:
            print(f"{function.__name__}: took {time.monotonic() - start:.0f} s", flush=True)
    except Exception as error:  # Whatever it is, the other attacks go on.
        check(function.__name__, "cannot be measured:", repr(error), is_good=False)


def main():
    unknown = [name for name in CHOSEN if name not in ALL]
    if unknown:
        sys.exit(f"there is no attack {', '.join(unknown)}; there are {', '.join(ALL)}")
    chosen = [function for name, function in ALL.items() if not CHOSEN or name in CHOSEN]
    start = time.monotonic()
    server = Server(BINARY)
    try:
        clinic = Clinic(server)
        if audience in chosen:
            guarded(audience, clinic)
            if not server.is_alive():
                server = Server(BINARY)
                clinic = Clinic(server)
        threads = [threading.Thread(target=guarded, args=(function, clinic), daemon=True)
                   for function in BACKGROUND if function in chosen]
        for thread in threads:
            thread.start()
        for function in MEASURED:
            if function in chosen:
                guarded(function, clinic)
        # Memory is measured before the next attack takes some.
        ready = threading.Event()
        if deaf_followers in chosen:
            threads.append(threading.Thread(target=guarded, args=(deaf_followers, clinic, ready), daemon=True))
            threads[-1].start()
            while threads[-1].is_alive() and not ready.wait(0.2):
                pass
        if deaf_clients in chosen:
            guarded(deaf_clients, clinic)
        for thread in threads:
            thread.join(100)
        check("server", "alive", server.is_alive(), is_good=server.is_alive())
        if server.is_alive():
            status = server.ask("GET", "/health").status
            check("server", "health", status, is_good=status == 200)
    finally:
        server.stop()
    print(f"{len(failures)} checks failed ({', '.join(dict.fromkeys(failures)) or 'none'}), "
          f"{time.monotonic() - start:.0f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
