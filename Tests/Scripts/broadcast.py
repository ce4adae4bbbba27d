"""Broadcasts numbered feedback updates of a diagnosis and prints the answers.

Usage: broadcast.py PORT TOKEN DIAGNOSIS FIRST LAST [LENGTH]: the numbers from FIRST to LAST, each with a text of LENGTH bytes.
"""

import http.client
import json
import sys

port, token = int(sys.argv[1]), sys.argv[2]
diagnosis, first, last, length = map(int, (sys.argv[3:] + ["0"])[:4])
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
for number in range(first, last + 1):
    data = {"n": number, "text": "x" * length} if length else {"n": number}
    connection.request(
        "POST", "/ws/broadcast-feedback-update", json.dumps({"diagnosis_id": diagnosis, "data": data}),
        {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read().decode()
    assert response.status == 202, (number, response.status, answer)
    print(answer)
