"""Many clients of a relay that is restarted again and again: each must see exactly the changes of its diagnosis.

relay_soak.py BINARY CLIENTS SECONDS, in a folder with avicenna.db, avicenna.yaml and the records of a clinic.
"""

import asyncio
import json
import random
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import websockets

BINARY, CLIENTS, SECONDS = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
DIAGNOSES = 100
KEPT = 100
RESTARTS = [signal.SIGTERM, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL]

random.seed(11)
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    PORT = free.getsockname()[1]
TOKEN = subprocess.check_output([BINARY, "token", "--admin"], text=True).strip()
database = sqlite3.connect("avicenna.db", isolation_level=None, timeout=60)
database.execute("PRAGMA synchronous = OFF")


class Client:
    def __init__(self):
        self.diagnosis = random.randint(1, DIAGNOSES)
        self.start = None  # the first sequence number that it was told, from which on it must see all
        self.seen = []  # sequence numbers, and ("resync", sequence number)
        self.state = None  # what the last resync said
        self.connections = 0

    @property
    def last(self):
        if not self.seen:
            return self.start
        return self.seen[-1] if isinstance(self.seen[-1], int) else self.seen[-1][1]

    async def run_once(self, seconds, until=None):
        """Connects, listens for a while or until a message, and vanishes without a word."""
        since = "" if self.start is None else f"?since={self.last}"
        deadline = time.monotonic() + seconds
        socket = None
        try:
            socket = await asyncio.wait_for(
                websockets.connect(
                    f"ws://127.0.0.1:{PORT}/ws/{self.diagnosis}{since}", ping_interval=None, compression=None,
                    extra_headers={"Authorization": f"Bearer {TOKEN}"}, max_queue=None), 20)
            while True:
                left = deadline - time.monotonic()
                if left <= 0 or until is not None and self.start is not None and self.last >= until(self):
                    return
                message = json.loads(await asyncio.wait_for(socket.recv(), left))
                if message["type"] == "connect":
                    self.connections += 1
                    if self.start is None:
                        self.start = message["seq"]
                elif message["type"] == "resync":
                    self.seen.append(("resync", message["seq"]))
                    self.state = message["data"]
                else:
                    assert message["diagnosis_id"] == self.diagnosis
                    self.seen.append(message["seq"])
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException, EOFError):
            await asyncio.sleep(random.random() * 0.3)
        finally:
            if socket is not None:
                socket.transport.abort()

    async def live(self, end):
        while time.monotonic() < end:
            await self.run_once(min(random.expovariate(1 / 6), max(0.1, end - time.monotonic())))
            if random.random() < 0.05:
                await asyncio.sleep(random.random() * 8)


def tell(diagnosis, count):
    """Commits changes as any process does, and raises the signal most of the time."""
    database.execute("BEGIN IMMEDIATE")
    for _ in range(count):
        database.execute(
            "INSERT INTO deltas (run_id, diagnosis_id, type, data, at) VALUES (0, ?, 'feedback_update', '{\"x\": 1}', ?)",
            (diagnosis, time.time_ns() // 1000))
    database.execute("COMMIT")
    if random.random() < 0.9:
        with open("avicenna.db.signal", "r+b") as file:
            file.write(b"!")


async def write(end):
    while time.monotonic() < end:
        tell(random.randint(1, DIAGNOSES), 1)
        if random.random() < 0.01:
            tell(random.randint(1, DIAGNOSES), KEPT + 20)
        await asyncio.sleep(0.02)


async def start_relay():
    process = await asyncio.create_subprocess_exec(
        BINARY, "relay", "--port", str(PORT), stderr=asyncio.subprocess.PIPE)
    line = await process.stderr.readline()
    assert line.startswith(b"listening"), line
    return process


async def restart(process, end):
    pause = (end - time.monotonic()) / (len(RESTARTS) + 1)
    for number in RESTARTS:
        await asyncio.sleep(pause)
        process.send_signal(number)
        status = await process.wait()
        assert status == (0 if number == signal.SIGTERM else -9), status
        await asyncio.sleep(random.random())
        process = await start_relay()
    return process


def check(clients, newest):
    resyncs = 0
    for client in clients:
        expected = [row[0] for row in database.execute(
            "SELECT seq FROM deltas WHERE diagnosis_id = ? AND seq > ? ORDER BY seq", (client.diagnosis, client.start))]
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
            ranking = [(place["recommendation_id"], place["rank"], place["score"]) for place in client.state["ranking"]]
            assert ranking == database.execute(
                "SELECT recommendation_id, rank, score FROM predictions WHERE diagnosis_id = ? ORDER BY rank",
                (client.diagnosis,)).fetchall()
            counts = {subject["recommendation_id"]: subject["windows"]["all"]["samples"]
                      for subject in client.state["effectiveness"]}
            assert counts == dict(database.execute(
                "SELECT subject, samples_all FROM effectiveness JOIN recommendations ON recommendation_id = subject"
                " WHERE level = 0 AND diagnosis_id = ?", (client.diagnosis,)).fetchall())
    return resyncs


async def main():
    end = time.monotonic() + SECONDS
    clients = [Client() for _ in range(CLIENTS)]
    relay = await start_relay()
    results = await asyncio.gather(
        restart(relay, end), write(end), *(client.live(end) for client in clients))
    relay = results[0]
    newest = dict(database.execute("SELECT diagnosis_id, max(seq) FROM deltas GROUP BY 1"))
    for attempt in range(20):
        behind = [client for client in clients
                  if client.start is None or client.last < newest.get(client.diagnosis, 0)]
        if not behind:
            break
        await asyncio.gather(*(client.run_once(10, lambda client: newest.get(client.diagnosis, 0)) for client in behind))
    resyncs = check(clients, newest)
    relay.terminate()
    assert await relay.wait() == 0
    print(f"{sum(client.connections for client in clients)} connections, "
          f"{sum(len(client.seen) for client in clients)} messages, {resyncs} resyncs, {len(RESTARTS)} restarts")


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
asyncio.run(main())
