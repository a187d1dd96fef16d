"""A client of live recognition that keeps time: what was sent when, and what came when."""

import asyncio
import dataclasses
import json
import time

import websockets

RATE = 16000
CHUNK = RATE // 50  # samples of a message: 20 ms


@dataclasses.dataclass
class Message:
    """One message of the server. `sent` is how much audio it had been sent, in seconds."""

    at: float
    sent: float
    body: dict

    @property
    def kind(self):
        return self.body["type"]

    @property
    def final(self):
        return self.kind == "transcript" and self.body["is_final"]


class Live:
    """What one session did. `sent_at(second)` is when that second of audio left us."""

    def __init__(self):
        self.messages, self.began, self.position = [], 0.0, 0
        self.departures = []  # of each chunk

    def sent_at(self, second):
        index = min(int(second * RATE / CHUNK), len(self.departures) - 1)
        return self.departures[index]

    def of(self, kind):
        return [message for message in self.messages if message.kind == kind]

    def transcripts(self):
        return self.of("transcript")

    def finals(self):
        return [message for message in self.messages if message.final]

    def text(self):
        return " ".join(message.body["text"] for message in self.finals())


def check(message):
    if message["type"] == "error":
        raise RuntimeError(f"the server refused: {message}")


async def session(url, token, samples, paced=True, delay=0.0, **config):
    """Streams s16le bytes in 20 ms messages, at the pace of speech or as fast as it goes."""
    live = Live()
    await asyncio.sleep(delay)
    async with websockets.connect(
        url, additional_headers={"Authorization": f"Bearer {token}"}, max_queue=None, compression=None
    ) as socket:

        async def read():
            async for text in socket:
                body = json.loads(text)
                live.messages.append(Message(time.monotonic(), live.position / RATE, body))
                check(body)

        reader = asyncio.create_task(read())
        await socket.send(json.dumps({"type": "config", "language": "en", "sample_rate": RATE, **config}))
        live.began = time.monotonic()
        step = 2 * CHUNK if paced else 50 * CHUNK
        for index in range(0, len(samples), step):
            if paced:
                # A chunk can leave when its last sample has been spoken.
                due = live.began + (index + step) / 2 / RATE
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            await socket.send(samples[index : index + step])
            live.departures.append(time.monotonic())
            live.position = (index + step) // 2
        await socket.send(json.dumps({"type": "end"}))
        await reader
    if not live.messages or live.messages[-1].kind != "end":
        raise RuntimeError("the session ended without `end`")
    return live


async def idle(url, token, samples, count, hold):
    """`count` connections that have sent these samples and stay; `hold()` runs meanwhile."""
    sockets = []
    try:
        for _ in range(count):
            socket = await websockets.connect(url, additional_headers={"Authorization": f"Bearer {token}"}, compression=None)
            sockets.append(socket)
            await socket.send(json.dumps({"type": "config", "language": "en", "sample_rate": RATE}))
            for index in range(0, len(samples), 2 * CHUNK):
                await socket.send(samples[index : index + 2 * CHUNK])
        await asyncio.sleep(3)
        return hold()
    finally:
        for socket in sockets:
            await socket.close()
