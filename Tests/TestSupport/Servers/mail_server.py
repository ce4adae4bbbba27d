"""A mail server for tests, on a free port of 127.0.0.1, which it prints.

mail_server.py FOLDER none|starttls|tls [CERTIFICATE KEY]

Each mail that it takes on becomes FOLDER/NUMBER-RECIPIENT.eml, where NUMBER counts up. How it answers depends on what
stands before the @ of the recipient:

nobody  refused for good
busy    refused for now
later   refused for now at first, then taken on
greyN   refused for now until N seconds after it was first offered, as greylisting has it
timesN  refused for now the first N times that it is offered
policy  refused for good, in a reply of several lines
cut     all of the mail is read, then the connection ends without an answer, until FOLDER/answer exists
stuck   all of the mail is read, FOLDER/stuck is made, and no answer comes, until FOLDER/answer exists
"""

import asyncio
import os
import ssl
import sys
import time

from aiosmtpd.smtp import SMTP, AuthResult


class Mailbox:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0
        self.seen = set()
        self.offered = {}
        self.times = {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "nobody":
            return "550 5.1.1 there is no such mailbox"
        if name == "policy":
            return "550-5.7.1 the mail was refused;\r\n550 5.7.1 see https://mail.example/why"
        if name.startswith("grey"):
            offered = self.offered.setdefault(address, time.monotonic())
            if time.monotonic() - offered < int(name[4:]):
                return "451-4.7.1 greylisted;\r\n451 4.7.1 try again later"
        if name.startswith("times"):
            self.times[address] = self.times.get(address, 0) + 1
            if self.times[address] <= int(name[5:]):
                return "451-4.7.1 greylisted;\r\n451 4.7.1 try again later"
        if name == "busy" or name == "later" and address not in self.seen:
            self.seen.add(address)
            return "451 4.3.0 the mailbox is busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        recipient = envelope.rcpt_tos[0]
        self.count += 1
        path = f"{self.folder}/{self.count:03}-{recipient}.eml"
        with open(path + ".part", "wb") as file:
            file.write(envelope.content)
        os.rename(path + ".part", path)
        name = recipient.split("@")[0]
        if name in ("cut", "stuck") and not os.path.exists(f"{self.folder}/answer"):
            if name == "stuck":
                open(f"{self.folder}/stuck", "w").close()
                await asyncio.sleep(600)
            server.transport.abort()
            return "250 OK"
        return "250 OK"


def authenticator(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"reports" and data.password == b"open sesame", handled=False)


async def main():
    folder, security = sys.argv[1:3]
    settings, listening = {"hostname": "tests", "data_size_limit": 100_000_000}, {}
    if security != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        settings |= {"authenticator": authenticator, "auth_required": True}
        if security == "starttls":
            settings |= {"tls_context": context, "require_starttls": True}
        else:
            settings |= {"auth_require_tls": False}  # it cannot see that the connection is safe already
            listening = {"ssl": context}
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, loop=loop, **settings), "127.0.0.1", 0, **listening)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
