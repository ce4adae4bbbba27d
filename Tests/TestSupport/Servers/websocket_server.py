"""A WebSocket server of a library that was not written here: websocket_server.py [CERTIFICATE KEY]

Prints its port, then a line for each request: the path and the token. What it does depends on the diagnosis.
"""

import asyncio
import http
import json
import ssl
import sys

import websockets

connections = {}


def message(kind, diagnosis, sequence, data):
    return json.dumps({"type": kind, "diagnosis_id": diagnosis, "seq": sequence, "at": "2026-11-21T09:00:00Z", "data": data})


async def send(link, diagnosis, *sequences):
    for sequence in sequences:
        await link.send(message("feedback_update", diagnosis, sequence, {"n": sequence}))


async def stay(link):
    await link.wait_closed()


async def expires(link, diagnosis, turn):
    """Ends a connection because its token has expired, and the next repeats what was seen."""
    if turn == 1:
        await send(link, diagnosis, 11, 12)
        await link.close(4001, "the token has expired")
    else:
        await send(link, diagnosis, 11, 12, 13)
        await stay(link)


async def fragments(link, diagnosis, turn):
    """Sends a message in parts, cut inside characters of a text, with pings between."""
    text = message("feedback_update", diagnosis, 11, {"word": "گل‌گاوزبان"})

    async def parts():
        for start in range(0, len(text), 7):
            yield text[start:start + 7]
            await (await link.ping())

    await link.send(parts())
    await stay(link)


async def silent(link, diagnosis, turn):
    """Says nothing after the first message, not even a ping."""
    await stay(link)


async def garbage(link, diagnosis, turn):
    """Says what nobody understands, the first time."""
    await link.send("{]" if turn == 1 else message("feedback_update", diagnosis, 11, {}))
    await stay(link)


async def revokes(link, diagnosis, turn):
    await link.close(4003, "the token was revoked")


async def replays(link, diagnosis, turn):
    """Replays what was missed, but for the first time, when it only says that it will."""
    if turn > 1:
        await send(link, diagnosis, 11, 12, 13)
    await stay(link)


async def floods(link, diagnosis, turn):
    """Sends until nobody takes it, and says how much that was."""
    sent = 0
    try:
        while sent < 200_000:
            text = message("feedback_update", diagnosis, 11 + sent, {"pad": "x" * 1000})
            await asyncio.wait_for(link.send(text), 1)
            sent += 1
    except asyncio.TimeoutError:
        pass
    print("sent", sent, flush=True)
    await stay(link)


BEHAVIOURS = {1: expires, 2: fragments, 3: silent, 4: garbage, 5: revokes, 6: floods, 7: silent, 8: silent, 9: replays}


async def follow(link, path):
    diagnosis = int(path.split("?")[0].split("/")[-1])
    since = path.partition("since=")[2]
    await link.send(message("connect", diagnosis, 10 if not since else 13, {"replayed": 0 if not since else 3}))
    await BEHAVIOURS[diagnosis](link, diagnosis, connections[diagnosis])


async def request(path, headers):
    print(path, headers["Authorization"], flush=True)
    diagnosis = int(path.split("?")[0].split("/")[-1])
    turn = connections[diagnosis] = connections.get(diagnosis, 0) + 1
    if diagnosis == 7 and turn <= 2:
        return http.HTTPStatus.SERVICE_UNAVAILABLE, [], b"later"
    if diagnosis == 10:
        return http.HTTPStatus.OK, [], b"<html>"
    if diagnosis == 11:
        return http.HTTPStatus.UPGRADE_REQUIRED, [], b"upgrade"
    if diagnosis == 8:
        # The connection is taken, and never answered.
        await asyncio.sleep(3600)


async def main():
    tls = None
    if len(sys.argv) > 1:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[1], sys.argv[2])
    server = await websockets.serve(
        follow, "127.0.0.1", 0, process_request=request, ssl=tls, ping_interval=None, compression=None, write_limit=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Future()


asyncio.run(main())
