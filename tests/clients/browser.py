"""Calls an agent from a headless Chromium, over the page that voice-bot serves.

    browser.py PAGE MICROPHONE HEARD SECONDS

The page is opened at PAGE, its button pressed as a visitor would; MICROPHONE is a WAV file that
Chromium plays into the call once. What the page hears is recorded by the page itself and written to
HEARD (WebM) when the call ends, or SECONDS are over. Prints what stands on the page then, as JSON:
{"state", "said": [line], "audio": bytes heard, "ended": bool}.
"""

import asyncio
import base64
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import websockets

RECORD = """
(async () => {
  while (!document.getElementById("audio").srcObject) await new Promise((r) => setTimeout(r, 50));
  const recorder = new MediaRecorder(document.getElementById("audio").srcObject, { mimeType: "audio/webm;codecs=opus" });
  window.recorded = [];
  window.recorder = recorder;
  recorder.ondataavailable = (event) => window.recorded.push(event.data);
  recorder.start(250);
})()
"""

COLLECT = """
(async () => {
  if (window.recorder && window.recorder.state !== "inactive") {
    const stopped = new Promise((done) => (window.recorder.onstop = done));
    window.recorder.stop();
    await stopped;
  }
  const bytes = new Uint8Array(await new Blob(window.recorded || []).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
})()
"""


class Page:
    """A page under Chromium's DevTools protocol."""

    def __init__(self, socket):
        self.socket, self.count = socket, 0

    async def do(self, method, **params):
        self.count += 1
        await self.socket.send(json.dumps({"id": self.count, "method": method, "params": params}))
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 60))
            if message.get("id") == self.count:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    async def value(self, expression):
        result = await self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    async def until(self, expression, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if await self.value(expression):
                return True
            await asyncio.sleep(0.1)
        return False


def launch(folder, microphone):
    browser = subprocess.Popen(
        [
            "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--remote-debugging-port=0", "--remote-allow-origins=*", f"--user-data-dir={folder}",
            "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}%noloop",
            "--autoplay-policy=no-user-gesture-required", "about:blank",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in browser.stderr:
        if found := re.search(r"DevTools listening on (ws://\S+)", line):
            return browser, found[1]
    raise RuntimeError("Chromium does not start")


async def drive(endpoint, url, heard, seconds):
    port = re.search(r":(\d+)/", endpoint)[1]
    targets = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list"))
    address = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
    async with websockets.connect(address, max_size=None) as socket:
        page = Page(socket)
        await page.do("Page.enable")
        await page.do("Page.navigate", url=url)
        ready = "document.getElementById('call') && !document.getElementById('call').disabled"
        if not await page.until(ready, 20):
            raise RuntimeError(await page.value("document.body.innerText"))
        await page.value("document.getElementById('call').click()")
        await page.value(RECORD)
        ended = await page.until("document.getElementById('state').textContent.startsWith('ended')", seconds)
        sound = base64.b64decode(await page.value(COLLECT))
        open(heard, "wb").write(sound)
        said = await page.value("[...document.querySelectorAll('#said p')].map((line) => line.textContent)")
        state = await page.value("document.getElementById('state').textContent")
        print(json.dumps({"state": state, "said": said, "audio": len(sound), "ended": ended}))


def main(url, microphone, heard, seconds):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser, endpoint = launch(folder, microphone)
        try:
            asyncio.run(drive(endpoint, url, heard, float(seconds)))
        finally:
            browser.kill()
            browser.wait()


main(*sys.argv[1:])
