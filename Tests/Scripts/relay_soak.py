"""Many clients of a relay that is restarted again and again: each must see exactly the changes of its diagnosis.

relay_soak.py BINARY CLIENTS SECONDS, in a folder with avicenna.db, avicenna.yaml and the records of a clinic.

The clients speak just enough of RFC 6455 that a machine which is busy with other things can still run thousands.
"""

import collections
import csv
import faulthandler
import heapq
import io
import json
import random
import resource
import select
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time

BINARY, CLIENTS, SECONDS = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
DIAGNOSES = 100
KEPT = 100
RESTARTS = [signal.SIGTERM, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL]
# How long the clients may take afterwards to see what they missed.
GRACE = 60

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    PORT = free.getsockname()[1]
TOKEN = subprocess.check_output([BINARY, "token", "--admin"], text=True).strip()


class Client:
    def __init__(self):
        self.diagnosis = random.randint(1, DIAGNOSES)
        self.start = None  # the first sequence number that it was told, from which on it must see all
        self.last = None  # the newest that it has seen
        self.seen = []  # sequence numbers, and ("resync", sequence number)
        self.state = None  # what the last resync said
        self.connections = 0
        self.failures = 0  # in a row
        self.turns = 0  # how often it came or went
        self.socket = None

    def connect(self):
        """- Returns: whether there was somebody."""
        self.turns += 1
        self.socket = socket.socket()
        self.buffer, self.is_open = b"", False
        since = "" if self.last is None else f"?since={self.last}"
        try:
            self.socket.settimeout(1)
            self.socket.connect(("127.0.0.1", PORT))
            self.socket.sendall(
                f"GET /ws/{self.diagnosis}{since} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                f"Authorization: Bearer {TOKEN}\r\n\r\n".encode())
            self.socket.setblocking(False)
        except OSError:
            self.vanish()
            return False
        return True

    def vanish(self):
        if self.socket is not None:
            # Without a goodbye, not even of TCP.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.close()
            self.socket = None
            self.turns += 1

    def read(self):
        """- Returns: whether the other side is still there."""
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        self.buffer += data
        if not self.is_open:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return True
            assert head.startswith(b"HTTP/1.1 101 "), head
            self.is_open, self.buffer = True, rest
        while len(self.buffer) >= 2:
            start, length = 2, self.buffer[1]
            if length == 126:
                start, length = 4, int.from_bytes(self.buffer[2:4], "big")
            elif length == 127:
                start, length = 10, int.from_bytes(self.buffer[2:10], "big")
            if len(self.buffer) < start + length:
                break
            opcode, content = self.buffer[0], self.buffer[start:start + length]
            self.buffer = self.buffer[start + length:]
            if opcode == 0x88:
                return False
            if opcode == 0x81:
                self.hear(json.loads(content))
        return True

    def hear(self, message):
        assert message["diagnosis_id"] == self.diagnosis
        if message["type"] == "connect":
            self.connections += 1
            self.failures = 0
            if self.start is None:
                self.start = self.last = message["seq"]
        elif message["type"] == "resync":
            self.last = message["seq"]
            self.seen.append(("resync", self.last))
            self.state = message["data"]
        else:
            self.last = message["seq"]
            self.seen.append(self.last)


class Crowd:
    """Lets clients come, listen for a while, vanish and come back."""

    def __init__(self):
        self.clients = [Client() for _ in range(CLIENTS)]
        self.poll = select.epoll()
        self.by_socket = {}
        self.due = []  # (when, number of the client, its turns then: what was planned before another turn is void)

    def plan(self, number, seconds):
        client = self.clients[number]
        heapq.heappush(self.due, (time.monotonic() + seconds, number, client.turns))

    def turn(self, number):
        """Goes where it is there, comes where it is not."""
        client = self.clients[number]
        if client.socket is not None:
            self.leave(number)
            self.plan(number, random.random() * 8 if random.random() < 0.05 else 0)
        else:
            self.come(number)

    def come(self, number):
        client = self.clients[number]
        if client.connect():
            self.by_socket[client.socket.fileno()] = number
            self.poll.register(client.socket, select.EPOLLIN)
            self.plan(number, random.expovariate(1 / 10))
        else:
            self.retry(number)

    def retry(self, number):
        client = self.clients[number]
        client.failures += 1
        self.plan(number, (0.5 + random.random()) * min(2, 0.1 * 2 ** client.failures))

    def leave(self, number):
        client = self.clients[number]
        del self.by_socket[client.socket.fileno()]
        client.vanish()

    def listen(self, seconds):
        for descriptor, _ in self.poll.poll(max(0, seconds)):
            number = self.by_socket[descriptor]
            if not self.clients[number].read():
                self.leave(number)
                self.retry(number)

    def live(self, end):
        for number in range(CLIENTS):
            self.plan(number, random.random())
        while time.monotonic() < end:
            now = time.monotonic()
            while self.due and self.due[0][0] <= now:
                _, number, turns = heapq.heappop(self.due)
                if self.clients[number].turns == turns:
                    self.turn(number)
            self.listen(min(end, self.due[0][0] if self.due else end) - time.monotonic())

    def settle(self, newest):
        """Everybody comes, and stays until it has seen all there is."""
        self.due = []
        for number, client in enumerate(self.clients):
            if client.socket is None:
                self.come(number)
        end = time.monotonic() + GRACE
        while any(client.last is None or client.last < newest.get(client.diagnosis, 0) for client in self.clients):
            assert time.monotonic() < end, "clients are still behind"
            while self.due and self.due[0][0] <= time.monotonic():
                number = heapq.heappop(self.due)[1]
                if self.clients[number].socket is None:
                    self.come(number)
            self.listen(0.05)


def open_database():
    database = sqlite3.connect("avicenna.db", isolation_level=None, timeout=60)
    database.execute("PRAGMA synchronous = OFF")
    return database


def write(end):
    """Commits changes as any process does, and raises the signal most of the time."""
    database = open_database()
    while time.monotonic() < end:
        diagnosis = random.randint(1, DIAGNOSES)
        database.execute("BEGIN IMMEDIATE")
        for _ in range(KEPT + 20 if random.random() < 0.01 else 1):
            database.execute(
                "INSERT INTO deltas (run_id, diagnosis_id, type, data, at) VALUES (0, ?, 'feedback_update', '{\"x\": 1}', ?)",
                (diagnosis, time.time_ns() // 1000))
        database.execute("COMMIT")
        if random.random() < 0.9:
            with open("avicenna.db.signal", "r+b") as file:
                file.write(b"!")
        time.sleep(0.03)
    database.close()


class Restarts(threading.Thread):
    """A relay that is ended and started again, politely and not."""

    def __init__(self, end):
        super().__init__()
        self.end = end
        self.failure = "it did not end"
        self.process = self.started()

    @staticmethod
    def started():
        process = subprocess.Popen([BINARY, "relay", "--port", str(PORT)], stderr=subprocess.PIPE)
        line = process.stderr.readline()
        assert line.startswith(b"listening"), line
        return process

    def run(self):
        pause = (self.end - time.monotonic()) / (len(RESTARTS) + 1)
        for number in RESTARTS:
            time.sleep(pause)
            self.process.send_signal(number)
            status = self.process.wait(30)
            assert status == (0 if number == signal.SIGTERM else -9), status
            time.sleep(random.random())
            self.process = self.started()
        self.failure = None


def deltas(database):
    """The numbers of all deltas for staff, by diagnosis, in order."""
    told = collections.defaultdict(list)
    for sequence, diagnosis, batch in database.execute("SELECT seq, diagnosis_id, batch FROM deltas ORDER BY seq"):
        if batch is None:
            told[diagnosis].append(sequence)
        else:
            packed = batched(batch)
            for position, (diagnosis, is_for_staff) in enumerate(packed):
                if is_for_staff:
                    told[diagnosis].append(sequence - len(packed) + 1 + position)
    return told


def batched(batch):
    """The diagnoses of the deltas that are packed into a row, and whether each is for staff."""
    position = 0

    def byte():
        nonlocal position
        position += 1
        return batch[position - 1]

    def number():
        value, shift = 0, 0
        while True:
            part = byte()
            value |= (part & 0x7F) << shift
            if part < 0x80:
                return value
            shift += 7

    def skip(numbers):
        for _ in range(numbers):
            number()

    packed, diagnosis = [], 0
    for _ in range(number()):
        diagnosis += number()
        kind = byte()
        packed.append((diagnosis, kind < 5))
        if kind not in (4, 5):  # effectiveness: the recommendation, and the counts of those of old and new that there are
            skip(1 + 6 * (kind & 1) + 6 * (kind >> 1 & 1))
            continue
        if kind == 5:  # a ranking for the patient: the places with the recommendation, the rank, and two bytes
            for _ in range(number()):
                skip(2)
                position += 2
            continue
        for _ in range(number()):  # a ranking: the places
            skip(3)
            is_told = byte() & 1
            skip(4)
            position += 16
            skip(1)
            position += 8 * is_told
    assert position == len(batch), (position, len(batch))
    return packed


def results(table):
    """The published rows of a table, by diagnosis or subject."""
    printed = subprocess.run([BINARY, "results", *table.split(), "--format", "csv"], check=True, capture_output=True)
    return list(csv.DictReader(io.StringIO(printed.stdout.decode(), newline="")))


def check(clients, database):
    resyncs = 0
    predictions = collections.defaultdict(list)
    for row in results("predictions --level balanced"):
        predictions[int(row["diagnosis_id"])].append(row)
    samples = {int(row["subject"]): int(row["samples"])
               for row in results("effectiveness --level recommendation --window all")}
    told = deltas(database)
    for client in clients:
        expected = [sequence for sequence in told[client.diagnosis] if sequence > client.start]
        position = 0
        for item in client.seen:
            if isinstance(item, int):
                assert position < len(expected) and expected[position] == item, \
                    f"diagnosis {client.diagnosis}: {item} came where {expected[position:position + 1]} should"
                position += 1
            else:
                resyncs += 1
                covered = [sequence for sequence in expected[position:] if sequence <= item[1]]
                assert len(covered) > KEPT, f"diagnosis {client.diagnosis}: a resync over {len(covered)} messages"
                position += len(covered)
        assert position == len(expected), f"diagnosis {client.diagnosis}: {len(expected) - position} never came"
        if client.state is not None:
            ranking = [(place["recommendation_id"], place["rank"]) for place in client.state["ranking"]]
            own = predictions[client.diagnosis]
            assert ranking == sorted(
                ((int(row["recommendation_id"]), int(row["rank"])) for row in own), key=lambda place: place[1])
            for place in client.state["ranking"]:
                score = next(float(row["score"]) for row in own if int(row["recommendation_id"]) == place["recommendation_id"])
                assert abs(score - place["score"]) < 1e-8
            counts = {subject["recommendation_id"]: subject["windows"]["all"]["samples"]
                      for subject in client.state["effectiveness"]}
            recommendations = [row[0] for row in database.execute(
                "SELECT recommendation_id FROM recommendations WHERE diagnosis_id = ?", (client.diagnosis,))]
            assert counts == {number: samples[number] for number in recommendations if number in samples}
    return resyncs


def main():
    random.seed(11)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    # Whatever happens, this ends, and says where it stood.
    faulthandler.dump_traceback_later(SECONDS + GRACE + 60, exit=True)
    end = time.monotonic() + SECONDS
    relay = Restarts(end)
    try:
        writer = threading.Thread(target=write, args=(end,))
        writer.start()
        relay.start()
        crowd = Crowd()
        crowd.live(end)
        writer.join()
        relay.join()
        assert relay.failure is None, relay.failure
        database = open_database()
        crowd.settle({diagnosis: max(sequences) for diagnosis, sequences in deltas(database).items()})
        resyncs = check(crowd.clients, database)
        relay.process.terminate()
        assert relay.process.wait(30) == 0
    finally:
        relay.join()
        relay.process.kill()
    print(f"{sum(client.connections for client in crowd.clients)} connections, "
          f"{sum(len(client.seen) for client in crowd.clients)} messages, {resyncs} resyncs, {len(RESTARTS)} restarts")


if __name__ == "__main__":
    main()
