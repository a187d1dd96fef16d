"""Plays WebSocket sessions as a plan on stdin says, several at once, and prints what came back.

A plan is a list of {"url", "headers", "after", "steps"}; `after` seconds it connects. A step is one of
    {"text": TEXT}                      a text message
    {"bytes": COUNT}                    a binary message of zeros
    {"audio": PATH, "chunk": [N, ...], "pace": SECONDS}
                                        a file in messages of these many bytes, in turn
    {"opus": PATH}                      the packets of an Ogg file, one a message
    {"wait": TYPE}                      until a message of this type came that no earlier wait took
    {"sleep": SECONDS}
    {"close": CODE} or {"vanish": true} a clean close, or none at all
After the last step everything is read until the server closes. The answer is a list of
{"status", "messages", "code", "reason"}; each message has `at`, seconds since the plan began.
"""

import asyncio
import itertools
import json
import sys
import time

import websockets

PATIENCE = 30.0


def ogg_packets(path):
    """Packets of the first stream of an Ogg file, without its two headers (RFC 3533, RFC 7845)."""
    data, position, packets, packet = open(path, "rb").read(), 0, [], b""
    while position < len(data):
        lacing = data[position + 27 : position + 27 + data[position + 26]]
        position += 27 + len(lacing)
        for size in lacing:
            packet += data[position : position + size]
            position += size
            if size < 255:
                packets.append(packet)
                packet = b""
    return packets[2:]


class Session:
    def __init__(self, plan):
        self.plan, self.messages, self.taken = plan, [], 0
        self.arrived = asyncio.Event()

    async def read(self, socket):
        async for message in socket:
            self.messages.append({"at": time.time() - BEGAN, **json.loads(message)})
            self.arrived.set()

    async def wait(self, kind):
        while True:
            for index in range(self.taken, len(self.messages)):
                if self.messages[index]["type"] == kind:
                    self.taken = index + 1
                    return
            self.arrived.clear()
            await asyncio.wait_for(self.arrived.wait(), PATIENCE)

    async def step(self, socket, step):
        if "text" in step:
            await socket.send(step["text"])
        elif "bytes" in step:
            await socket.send(bytes(step["bytes"]))
        elif "audio" in step:
            with open(step["audio"], "rb") as audio:
                for size in itertools.cycle(step["chunk"]):
                    chunk = audio.read(size)
                    if not chunk:
                        break
                    await socket.send(chunk)
                    if step["pace"]:
                        await asyncio.sleep(step["pace"])
        elif "opus" in step:
            for packet in ogg_packets(step["opus"]):
                await socket.send(packet)
        elif "wait" in step:
            await self.wait(step["wait"])
        elif "sleep" in step:
            await asyncio.sleep(step["sleep"])
        elif "close" in step:
            await socket.close(step["close"])
        elif "vanish" in step:
            socket.transport.abort()
        else:
            raise ValueError(f"no such step: {step}")

    async def play(self):
        await asyncio.sleep(self.plan["after"])
        try:
            socket = await websockets.connect(
                self.plan["url"],
                additional_headers=self.plan["headers"],
                max_size=None,
                max_queue=None,
            )
        except websockets.InvalidStatus as refusal:
            body = json.loads(refusal.response.body)
            return {"status": refusal.response.status_code, "messages": [body], "code": None, "reason": ""}
        reader = asyncio.create_task(self.read(socket))
        problem = ""
        try:
            for step in self.plan["steps"]:
                await self.step(socket, step)
        except websockets.ConnectionClosed:
            pass  # the server had enough; what it said is in the messages
        except TimeoutError:
            problem = f"no answer in {PATIENCE:.0f} s at {step}"
        if not problem:
            try:
                await asyncio.wait_for(socket.wait_closed(), PATIENCE)
            except TimeoutError:
                problem = f"not closed after {PATIENCE:.0f} s"
        if problem:
            await socket.close()
        await asyncio.gather(reader, return_exceptions=True)
        return {
            "status": 101,
            "messages": self.messages,
            "code": socket.close_code,
            "reason": socket.close_reason,
            "problem": problem,
        }


async def main():
    plans = json.load(sys.stdin)
    print(json.dumps(await asyncio.gather(*(Session(plan).play() for plan in plans))))


BEGAN = time.time()
asyncio.run(main())
