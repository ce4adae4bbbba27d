"""A relay under a flood of those who mean ill, with some who only want to follow: relay_flood.py PORT TOKEN SERVICE_TOKEN

Prints how many of the flood came, and what the healthy saw.
"""

import asyncio
import json
import random
import resource
import sys
import urllib.request

import websockets

PORT, TOKEN, SERVICE = int(sys.argv[1]), sys.argv[2], sys.argv[3]
MESSAGES = 100
KINDS = ["slow_headers", "giant", "giant_head", "bad_token"]
HEAD = "GET /ws/1 HTTP/1.1\r\nHost: a\r\n"
UPGRADE = (HEAD + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: 13\r\n")
came = {}


async def dial():
    return await asyncio.open_connection("127.0.0.1", PORT)


async def half_open(kept):
    """Begins a handshake, and never ends it."""
    reader, writer = await dial()
    writer.write(UPGRADE.encode())
    kept.append(writer)


async def slow_headers(kept):
    """Sends a byte of a header now and then."""
    reader, writer = await dial()
    kept.append(writer)
    writer.write(HEAD.encode())
    for byte in b"X-Slow: " + b"x" * 1000:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


async def giant(kept):
    """Announces a message of eight exbibytes, or sends one of a mebibyte."""
    reader, writer = await dial()
    writer.write((UPGRADE + f"Authorization: Bearer {TOKEN}\r\n\r\n").encode())
    await reader.readuntil(b"\r\n\r\n")
    if random.random() < 0.5:
        writer.write(b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"abcd" + b"x" * 100)
    else:
        writer.write(b"\x81\xff" + (1 << 20).to_bytes(8, "big") + b"abcd" + b"x" * (1 << 20))
    await reader.read()
    writer.close()


async def giant_head(kept):
    """Sends a head without end."""
    reader, writer = await dial()
    writer.write(HEAD.encode())
    for _ in range(100):
        writer.write(b"X-Large: " + b"x" * 10_000 + b"\r\n")
        await writer.drain()
    await reader.read()
    writer.close()


async def bad_token(kept):
    """Comes with a token that is none, or of somebody else."""
    token = random.choice(["x.y.z", TOKEN[:-4] + "AAAA", "x" * 7000, ""])
    reader, writer = await dial()
    writer.write((UPGRADE + f"Authorization: Bearer {token}\r\n\r\n").encode())
    await reader.read()
    writer.close()


async def flood(kind, count, at_once, kept, stop):
    async def one():
        while not stop.is_set() and came.get(kind.__name__, 0) < count:
            came[kind.__name__] = came.get(kind.__name__, 0) + 1
            try:
                await asyncio.wait_for(kind(kept), 20)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(0.01)

    await asyncio.gather(*(one() for _ in range(at_once)))


def broadcast(number):
    body = json.dumps({"diagnosis_id": 1, "data": {"n": number}}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/ws/broadcast-feedback-update", body, {"Authorization": f"Bearer {SERVICE}"})
    assert urllib.request.urlopen(request, timeout=20).status == 202


async def healthy(since=None):
    return await asyncio.wait_for(websockets.connect(
        f"ws://127.0.0.1:{PORT}/ws/1" + (f"?since={since}" if since is not None else ""), ping_interval=None,
        extra_headers={"Authorization": f"Bearer {TOKEN}"}), 20)


async def next_number(link):
    while True:
        message = json.loads(await asyncio.wait_for(link.recv(), 20))
        if "n" in message["data"]:
            return message["data"]["n"]


async def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    first = await healthy()
    kept, stop = [], asyncio.Event()
    # More than may wait at the door.
    await flood(half_open, 2500, 50, kept, stop)
    floods = [asyncio.create_task(flood(kind, 1 << 30, at_once, kept, stop)) for kind, at_once in [
        (slow_headers, 50), (giant, 4), (giant_head, 2), (bad_token, 8)]]
    newcomers = 0
    end = asyncio.get_running_loop().time() + 60
    number = -1
    # Until each kind has come often enough to hurt.
    while number + 1 < MESSAGES or min(came.get(kind, 0) for kind in KINDS) < 30:
        assert asyncio.get_running_loop().time() < end, came
        number += 1
        await asyncio.to_thread(broadcast, number)
        assert await next_number(first) == number
        if number % 10 == 0 and number < MESSAGES:
            late = await healthy(since=0)
            assert [await next_number(late) for _ in range(number + 1)] == list(range(number + 1))
            newcomers += 1
            await late.close()
    stop.set()
    for task in floods:
        task.cancel()
    print("all", newcomers, "newcomers were served")
    print(f"{number + 1} messages", came, file=sys.stderr)


asyncio.run(main())
