"""A caller who keeps time: what was sent when, and what came when, over the WebSocket of plain sound."""

import asyncio
import json
import time

import numpy as np
import websockets

RATE, TICK = 24000, 0.02
FRAME = int(RATE * TICK)
# Louder than room tone (-50 dBFS), softer than any voice: -38 dBFS, over 20 ms.
AUDIBLE = 10 ** (-38 / 20) * 32768


def loud(samples):
    """Whether each 20 ms can be heard."""
    whole = samples[: len(samples) // FRAME * FRAME].astype(np.float64).reshape(-1, FRAME)
    return np.sqrt((whole**2).mean(axis=1)) > AUDIBLE


class Caller:
    """`async with Caller(url, cookie) as caller: await caller.say(samples)`. Silence goes between."""

    def __init__(self, url, cookie, patience=30.0):
        self.url, self.cookie, self.patience = url, cookie, patience
        self.frames, self.messages = [], []  # (arrival, samples), (arrival, message)
        self.queue, self.spoken, self.changed = [], 0.0, asyncio.Event()
        self.said_from = self.said_to = 0.0

    async def __aenter__(self):
        self.socket = await websockets.connect(self.url, additional_headers={"Cookie": self.cookie}, max_queue=None, compression=None, max_size=None)
        self.tasks = [asyncio.create_task(self.listen()), asyncio.create_task(self.speak())]
        await self.until("started")
        return self

    async def __aexit__(self, *_):
        await self.socket.close()
        self.tasks[1].cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def listen(self):
        try:
            async for message in self.socket:
                at = time.monotonic()
                if isinstance(message, bytes):
                    self.frames.append((at, np.frombuffer(message, "<i2")))
                else:
                    self.messages.append((at, json.loads(message)))
                self.changed.set()
        except websockets.ConnectionClosed:
            pass
        self.messages.append((time.monotonic(), {"type": "closed"}))
        self.changed.set()

    async def speak(self):
        silence, due = bytes(FRAME * 2), time.monotonic()
        try:
            while True:
                sound = self.queue.pop(0) if self.queue else None
                await self.socket.send(silence if sound is None else sound[1])
                if sound is not None and sound[0]:
                    self.said_to = time.monotonic()
                    self.said_from = self.said_from or self.said_to - TICK
                due += TICK
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        except websockets.ConnectionClosed:
            pass

    def begin(self, samples):
        """Begins to speak. `said_from` and `said_to` are when the voice in it left us."""
        padded = np.pad(samples, (0, -len(samples) % FRAME))
        self.said_from = self.said_to = 0.0
        self.queue = [(audible, padded[at * FRAME : (at + 1) * FRAME].tobytes()) for at, audible in enumerate(loud(padded))]

    async def say(self, samples):
        self.begin(samples)
        while self.queue:
            await asyncio.sleep(TICK)

    async def wait(self, found):
        """What `found` gives as soon as it is not None."""
        deadline = time.monotonic() + self.patience
        while (result := found()) is None:
            if self.messages and self.messages[-1][1]["type"] == "closed":
                raise RuntimeError(f"closed: {[m for _, m in self.messages[-5:]]}")
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), max(0.01, deadline - time.monotonic()))
            except TimeoutError:
                raise TimeoutError(f"waited for {self.patience:.0f} s; last came {[m for _, m in self.messages[-4:]]}") from None
        return result

    async def until(self, kind, after=0.0, **fields):
        """The first message of a type since a time."""

        def found():
            for at, message in self.messages:
                whole = {**message, **message.get("segment", {})}
                if at >= after and message["type"] == kind and all(whole.get(name) == value for name, value in fields.items()):
                    return at, message

        return await self.wait(found)

    def first_sound(self, after):
        """When the first 20 ms that can be heard came since a time."""
        return next((at for at, samples in self.frames if at >= after and len(samples) == FRAME and loud(samples)[0]), None)

    def last_sound(self, after, before):
        """When the last between two times came."""
        return next((at for at, samples in reversed(self.frames) if after <= at < before and loud(samples)[0]), after)

    async def answer(self, after):
        """When an answer to what was said before can be heard."""
        return await self.wait(lambda: self.first_sound(after))

    async def over(self, heard):
        """Until the answer that was heard then has been said."""
        await self.until("state", after=heard, state="listening")
