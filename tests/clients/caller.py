"""Calls an agent over the WebSocket of plain sound, as a microphone and a loudspeaker would.

    caller.py URL COOKIE HEARD     the plan comes from stdin

A plan is a list of steps, played in real time while silence goes between them:
    {"say": PATH}          raw s16le at 24 kHz; noted as `begins` and `said` among the messages
    {"wait": TYPE}         until a message of this type came that no earlier wait took; with "state"
                           or "speaker", one that has it too; with "has", one whose text holds it
    {"sleep": SECONDS}
    {"hangup": true}
What was heard is written to HEARD as raw s16le, one sample for each of the call. Prints the messages
as a list of JSON, each with `at`: seconds since the connection.
"""

import asyncio
import json
import sys
import time

import websockets

RATE, TICK = 24_000, 0.02
FRAME = int(RATE * TICK) * 2
PATIENCE = 60.0


class Caller:
    def __init__(self, socket):
        self.socket, self.messages, self.heard, self.taken = socket, [], bytearray(), 0
        self.began, self.arrived, self.speech = time.monotonic(), asyncio.Event(), b""

    async def listen(self):
        try:
            async for message in self.socket:
                if isinstance(message, bytes):
                    self.heard += message
                else:
                    at = round(time.monotonic() - self.began, 3)
                    self.messages.append({"at": at, "heard": len(self.heard) / 2 / RATE, **json.loads(message)})
                    self.arrived.set()
        except websockets.ConnectionClosed:
            pass
        self.messages.append({"at": round(time.monotonic() - self.began, 3), "type": "closed", "code": self.socket.close_code})
        self.arrived.set()

    async def speak(self):
        """A frame every 20 ms, of speech where there is some."""
        following = time.monotonic()
        while True:
            frame, self.speech = self.speech[:FRAME], self.speech[FRAME:]
            try:
                await self.socket.send(frame.ljust(FRAME, b"\0"))
            except websockets.ConnectionClosed:
                return
            following += TICK
            await asyncio.sleep(max(0, following - time.monotonic()))

    def note(self, kind, what):
        at = round(time.monotonic() - self.began, 3)
        self.messages.append({"at": at, "heard": len(self.heard) / 2 / RATE, "type": kind, "what": what})

    async def wait(self, step):
        wanted = {name: step[name] for name in ("state", "speaker") if name in step}
        while True:
            for index in range(self.taken, len(self.messages)):
                message = self.messages[index]
                fields = {**message, **message.get("segment", {})}
                has = step.get("has", "") in fields.get("text", "")
                if message["type"] == step["wait"] and has and all(fields.get(n) == v for n, v in wanted.items()):
                    self.taken = index + 1
                    return
            self.arrived.clear()
            await asyncio.wait_for(self.arrived.wait(), PATIENCE)

    async def play(self, plan):
        for step in plan:
            if "say" in step:
                self.note("begins", step["say"])
                self.speech = open(step["say"], "rb").read()
                while self.speech:
                    await asyncio.sleep(TICK)
                self.note("said", step["say"])
            elif "wait" in step:
                await self.wait(step)
            elif "sleep" in step:
                await asyncio.sleep(step["sleep"])
            elif "hangup" in step:
                await self.socket.send(json.dumps({"type": "hangup"}))


async def main(url, cookie, heard):
    plan = json.load(sys.stdin)
    async with websockets.connect(url, additional_headers={"Cookie": cookie}, max_size=None) as socket:
        caller = Caller(socket)
        listening, speaking = asyncio.create_task(caller.listen()), asyncio.create_task(caller.speak())
        try:
            await caller.play(plan)
        except asyncio.TimeoutError:
            caller.messages.append({"type": "impatient"})
        await socket.close()
        await listening
        speaking.cancel()
    open(heard, "wb").write(caller.heard)
    print(json.dumps(caller.messages))


asyncio.run(main(*sys.argv[1:]))
