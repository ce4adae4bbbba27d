"""Prints the mails of a folder as JSON."""

import email
import hashlib
import json
import pathlib
import sys
from email import policy

mails = []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.eml")):
    content = path.read_bytes()
    assert b"\n" not in content.replace(b"\r\n", b""), "a line ends without a carriage return"
    assert max(map(len, content.split(b"\r\n"))) <= 998, "a line is too long"
    assert content.isascii(), "a server that takes no 8-bit content would refuse it"
    mail = email.message_from_bytes(content, policy=policy.default)
    mails.append({
        "headers": {name: str(value) for name, value in mail.items()},
        "text": mail.get_body(("plain",)).get_content().replace("\r\n", "\n"),
        "html": mail.get_body(("html",)).get_content(),
        "attachments": {
            part.get_filename(): hashlib.sha256(part.get_content() if part.get_content_maintype() != "text"
                                                else part.get_payload(decode=True)).hexdigest()
            for part in mail.iter_attachments()
        },
        "defects": [str(defect) for part in mail.walk() for defect in part.defects],
    })
json.dump(mails, sys.stdout)
