"""Runs nginx as docs/nginx.md configures it in front of a server: nginx_proxy.py BINARY DOCUMENT

Runs in the folder of a clinic whose avicenna.yaml has log_format: json, trusted_proxies: 127.0.0.1 and rate_limit: 0, and starts
the server there. Ports, paths of certificates and of logs in the document are replaced by temporary ones.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import websockets

from served import Reader, Server, request

BINARY, DOCUMENT = sys.argv[1], sys.argv[2]
NAME = "clinic.example"
# Where requests come from, so that they differ from nginx and from each other.
CLIENT = "127.0.0.2"
FORGED = "203.0.113.9"

failures = []


def check(what, is_good, found=""):
    print(f"{'ok  ' if is_good else 'FAIL'} {what}" + ("" if is_good else f": {found}"), flush=True)
    if not is_good:
        failures.append(what)


def free_port():
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return link.getsockname()[1]


class Nginx:
    """nginx in a folder, with the configuration of the document."""

    def __init__(self, folder, upstream):
        self.folder, self.plain, self.secure = folder, free_port(), free_port()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key.pem", "-out",
             f"{folder}/cert.pem", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"],
            check=True, capture_output=True)
        with open(f"{folder}/nginx.conf", "w") as file:
            file.write(self.configuration(upstream))
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        command = [program, "-p", folder, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/start.log"]
        tested = subprocess.run([*command, "-t"], capture_output=True, text=True)
        check("nginx accepts the configuration without a warning",
              tested.returncode == 0 and "[warn]" not in tested.stderr, tested.stderr)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.secure), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, self.log("start")
                time.sleep(0.02)

    def configuration(self, upstream):
        with open(DOCUMENT) as file:
            block = re.search(r"^```nginx\n(.*?)^```$", file.read(), re.M | re.S)[1]
        self.block = block
        has_ipv6 = socket.has_ipv6 and os.path.exists("/proc/net/if_inet6") and "lo" in open("/proc/net/if_inet6").read()

        def replaced(text, old, new, count):
            text, found = re.subn(old, new, text)
            assert found == count, f"{old} occurs {found} times in {DOCUMENT}, not {count}"
            return text

        for old, new, count in [
            (r"listen 80;", f"listen 127.0.0.1:{self.plain};", 1),
            (r"listen \[::\]:80;", f"listen [::1]:{self.plain};" if has_ipv6 else "", 1),
            (r"listen 443 ssl;", f"listen 127.0.0.1:{self.secure} ssl;", 1),
            (r"listen \[::\]:443 ssl;", f"listen [::1]:{self.secure} ssl;" if has_ipv6 else "", 1),
            (r"(server |http://)127\.0\.0\.1:8080;", rf"\g<1>127.0.0.1:{upstream};", 2),
            (r"/etc/letsencrypt/live/clinic\.example/fullchain\.pem", f"{self.folder}/cert.pem", 1),
            (r"/etc/letsencrypt/live/clinic\.example/privkey\.pem", f"{self.folder}/key.pem", 1),
            (r"/var/log/nginx/avicenna-", f"{self.folder}/", 4),
        ]:
            block = replaced(block, old, new, count)
        paths = "".join(f"{name}_temp_path {self.folder}/{name};\n"
                        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"daemon off;\npid {self.folder}/pid;\nworker_processes 1;\nevents {{}}\nhttp {{\n{paths}{block}}}\n"

    def log(self, name):
        path = f"{self.folder}/{name}.log"
        return open(path, errors="replace").read() if os.path.exists(path) else ""

    def context(self):
        return ssl.create_default_context(cafile=f"{self.folder}/cert.pem")

    def dial(self, secure=True, address="127.0.0.1"):
        link = socket.create_connection(
            (address, self.secure if secure else self.plain), 20, (CLIENT if "." in address else address, 0))
        return self.context().wrap_socket(link, server_hostname=NAME) if secure else link

    def ask(self, method, path, token=None, body=None, headers=(), secure=True, address="127.0.0.1"):
        with self.dial(secure, address) as link:
            data = request(method, path, token, body, headers).replace(b"Host: localhost", b"Host: " + NAME.encode())
            try:
                link.sendall(data)
            except OSError:
                pass  # A refusal of the body may come first.
            return Reader(link).answer(method, 20)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


async def follow(nginx, path="/ws/1", **options):
    """The type of the first message of a follower."""
    async with websockets.connect(
            f"wss://{NAME}{path}", host="127.0.0.1", port=nginx.secure, local_addr=(CLIENT, 0), ssl=nginx.context(),
            server_hostname=NAME,
            open_timeout=20, **options) as link:
        message = json.loads(await asyncio.wait_for(link.recv(), 20))
        await link.send('{"type":"ping"}')
        pong = json.loads(await asyncio.wait_for(link.recv(), 20))
    return message["type"], pong["type"], link.subprotocol


def addresses(server, path):
    """The client addresses of the requests for a path in the log of the server."""
    end = time.monotonic() + 10
    while True:
        lines = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
        found = {line["address"] for line in lines if line.get("path") == path}
        if found or time.monotonic() > end:
            return found
        time.sleep(0.05)


def checks(nginx, server):
    token = server.token("--admin")

    answer = nginx.ask("GET", "/api/patients?limit=1", token)
    check("REST over HTTPS", answer.status == 200, answer.status)
    check("Strict-Transport-Security", bool(answer["strict-transport-security"]), answer.headers)
    answer = nginx.ask("POST", "/api/predictions/batch/predict", token, {"diagnosis_ids": [1]})
    check("a body reaches the server", answer.status == 200, answer.body)

    check("the client address is logged", addresses(server, "/api/patients") == {CLIENT}, addresses(server, "/api/patients"))
    answer = nginx.ask("GET", "/api/diagnoses", token, headers=[f"X-Forwarded-For: {FORGED}"])
    check("a forged client address is not believed",
          answer.status == 200 and addresses(server, "/api/diagnoses") == {CLIENT}, addresses(server, "/api/diagnoses"))
    check("a forged client address is not logged", FORGED not in server.log())
    if "[::1]" in open(f"{nginx.folder}/nginx.conf").read():
        answer = nginx.ask("GET", "/api/recommendations", token, address="::1")
        check("a client address of IPv6 is logged", addresses(server, "/api/recommendations") == {"::1"},
              addresses(server, "/api/recommendations"))

    found = asyncio.run(follow(nginx, extra_headers={"Authorization": f"Bearer {token}"}))
    check("a follower with a header", found == ("connect", "pong", None), found)
    found = asyncio.run(follow(nginx, subprotocols=["bearer", token]))
    check("a follower with subprotocols", found == ("connect", "pong", "bearer"), found)
    found = asyncio.run(follow(nginx, path=f"/ws/1?token={token}"))
    check("a follower with a query", found == ("connect", "pong", None), found)
    answer = nginx.ask("GET", "/ws/1", token)
    check("no upgrade is answered with 426", answer.status == 426, answer.status)
    answer = nginx.ask("POST", "/ws/broadcast-feedback-update", server.token("--service"), {"diagnosis_id": 1, "data": {}})
    check("a broadcast", answer.status == 202, answer.body)
    answer = nginx.ask("GET", "/metrics", token)
    check("metrics stay behind nginx", answer.status == 404 and answer["server"] == "nginx", answer.status)
    answer = nginx.ask("GET", "/ws/status")
    check("the status of the relay is not public", answer.status == 401, answer.status)

    large = {"feedback": [], "x": "x" * 300_000}
    answer = nginx.ask("POST", "/api/feedback/batch/submit", token, large)
    check("a body of 300 KB is refused with 413", answer.status == 413 and answer["server"] == "nginx", answer.status)
    large = {"feedback": [], "x": "x" * 250_000}
    answer = nginx.ask("POST", "/api/feedback/batch/submit", token, large)
    check("a body of 250 KB reaches the server", answer.problem() is None, (answer.status, answer.problem()))

    answer = nginx.ask("GET", f"/docs?token={token}", secure=False)
    check("HTTP is redirected", answer.status == 308 and answer["location"] == f"https://{NAME}/docs?token={token}",
          (answer.status, answer["location"]))

    seconds = [int(value) for value in re.findall(r"proxy_(?:read|send)_timeout\s+(\d+)s;", nginx.block)]
    check("idle followers outlast a late ping", seconds and min(seconds) > 60, seconds)

    # What fails is logged as well: too many requests, and then a server that is gone.
    statuses = set()
    with nginx.dial() as link:
        reader = Reader(link)
        for _ in range(400):
            link.sendall(request("GET", f"/health?token={token}"))
            statuses.add(reader.answer("GET", 20).status)
    check("a flood is limited", statuses == {200, 429}, statuses)
    server.stop()
    time.sleep(1)
    answer = nginx.ask("GET", f"/ws/1?token={token}", headers=["X-Nothing: 1"])
    check("a server that is gone is answered with 502", answer.status == 502, answer.status)

    # A line is written after its answer.
    end = time.monotonic() + 10
    while " 502 " not in nginx.log("access") and time.monotonic() < end:
        time.sleep(0.05)
    access, errors = nginx.log("access"), nginx.log("error")
    check("requests are logged", len(access.splitlines()) > 400 and f"{CLIENT} [" in access, access[:300])
    check("failures of the server are logged", ' 502 ' in access, access[-300:])
    check("no token in the access log", token not in access and "token=" not in access)
    check("no token in the error log", token not in errors and "token=" not in errors, errors[:300])
    check("no token in the log of the start", token not in nginx.log("start"))


def main():
    folder = tempfile.mkdtemp(prefix="avicenna-nginx-")
    os.chmod(folder, 0o755)
    server = Server(BINARY)
    try:
        nginx = Nginx(folder, server.port)
        try:
            checks(nginx, server)
        finally:
            nginx.stop()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failures else 0)


main()
