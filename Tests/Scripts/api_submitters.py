"""Many submit feedback at once, and send again what was not answered; meanwhile somebody kills the server.

Usage: api_submitters.py PORT TOKEN SUBMITTERS EACH RECOMMENDATIONS
Prints the number of each feedback that was answered with 201, one a line.
"""

import http.client
import json
import sys
import threading
import time

port, token, submitters, each, recommendations = int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6])
deadline = time.monotonic() + 240
lock = threading.Lock()
answered = []
failures = []


def submit(connection, key, recommendation):
    """One try; None where nobody answers."""
    body = json.dumps({"recommendation_id": recommendation, "rating": 4, "comment": key})
    headers = {
        "Authorization": "Bearer " + token,
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    try:
        connection.request("POST", "/api/feedback/submit", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return None


def work(number):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for turn in range(each):
        key = f"{number}-{turn}"
        recommendation = (number * each + turn) % recommendations + 1
        while True:
            answer = submit(connection, key, recommendation)
            if answer and answer[0] == 201:
                with lock:
                    answered.append(json.loads(answer[1])["id"])
                break
            if answer and answer[0] != 503 or time.monotonic() > deadline:
                with lock:
                    failures.append((key, answer))
                return
            time.sleep(0.05)  # the server is being started again


threads = [threading.Thread(target=work, args=(number,)) for number in range(submitters)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if failures:
    sys.exit(f"{len(failures)} failed, such as {failures[0]}")
print("\n".join(map(str, answered)))
