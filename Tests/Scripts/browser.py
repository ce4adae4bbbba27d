"""Follows diagnosis 1 from a page in headless Chromium: browser.py PORT TOKEN FOLDER"""

import asyncio
import json
import pathlib
import subprocess
import sys
import urllib.request

import websockets

port, token, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
FOLLOW = """
new Promise(resolve => {
    const socket = new WebSocket("ws://127.0.0.1:%s/ws/1", ["bearer", "%s"]);
    const seen = [];
    socket.onmessage = event => {
        seen.push(JSON.parse(event.data).type);
        if (seen.length == 1) socket.send('{"type":"ping"}'); else socket.close(1000, "bye");
    };
    socket.onclose = event => resolve([...seen, event.code, socket.protocol].join(" "));
})
""" % (port, token)

browser = subprocess.Popen(
    ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
     f"--user-data-dir={folder}/profile", "about:blank"], stderr=subprocess.PIPE, text=True)


async def evaluate(url):
    async with websockets.connect(url, max_size=None) as page:
        await page.send(json.dumps({
            "id": 1, "method": "Runtime.evaluate",
            "params": {"expression": FOLLOW, "awaitPromise": True, "returnByValue": True}}))
        answer = json.loads(await asyncio.wait_for(page.recv(), 60))
        print(answer["result"]["result"]["value"])

try:
    address = next(line for line in browser.stderr if "listening on ws://" in line).split("ws://")[1].split("/")[0]
    pages = json.load(urllib.request.urlopen(f"http://{address}/json"))
    asyncio.run(evaluate(next(page for page in pages if page["type"] == "page")["webSocketDebuggerUrl"]))
finally:
    browser.kill()
    browser.wait()
