"""Follows diagnosis 1 with a WebSocket library: relay_client.py websockets|wsproto PORT TOKEN SERVICE_TOKEN"""

import json
import socket
import sys
import urllib.request

library, port, token, service = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]


def broadcast():
    body = json.dumps({"diagnosis_id": 1, "data": {"word": "سلام"}}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/ws/broadcast-feedback-update", body, {"Authorization": f"Bearer {service}"})
    assert urllib.request.urlopen(request).status == 202


def with_websockets():
    import asyncio
    import websockets

    async def follow():
        async with websockets.connect(f"ws://127.0.0.1:{port}/ws/1?token={token}") as connection:
            first = json.loads(await connection.recv())
            print(first["type"], first["diagnosis_id"])
            await asyncio.to_thread(broadcast)
            second = json.loads(await connection.recv())
            print(second["type"], second["data"]["word"])
            await (await connection.ping())
            await connection.send('{"type":"ping"}')
            print(json.loads(await connection.recv())["type"])
        print("closed", connection.close_code)

    asyncio.run(follow())


def with_wsproto():
    from wsproto import ConnectionType, WSConnection
    from wsproto.events import AcceptConnection, CloseConnection, Ping, Pong, Request, TextMessage

    connection = WSConnection(ConnectionType.CLIENT)
    link = socket.create_connection(("127.0.0.1", port), 20)
    link.sendall(connection.send(Request(host="localhost", target="/ws/1", subprotocols=["bearer", token])))
    events = []

    def next_event(kind):
        while True:
            while not events:
                data = link.recv(65536)
                connection.receive_data(data or None)
                events.extend(connection.events())
            event = events.pop(0)
            if isinstance(event, kind):
                return event

    assert next_event(AcceptConnection).subprotocol == "bearer"
    first = json.loads(next_event(TextMessage).data)
    print(first["type"], first["diagnosis_id"])
    broadcast()
    second = json.loads(next_event(TextMessage).data)
    print(second["type"], second["data"]["word"])
    link.sendall(connection.send(Ping(payload=b"x")))
    assert next_event(Pong).payload == b"x"
    link.sendall(connection.send(TextMessage(data='{"type":"ping"}')))
    print(json.loads(next_event(TextMessage).data)["type"])
    link.sendall(connection.send(CloseConnection(code=1000)))
    print("closed", next_event(CloseConnection).code)


{"websockets": with_websockets, "wsproto": with_wsproto}[library]()
