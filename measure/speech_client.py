"""A listener of live synthesis that keeps time: what was asked when, and what came when."""

import asyncio
import dataclasses
import json
import time

import numpy as np
import websockets

RATE = 24000
AUDIBLE = 0.01  # -40 dBFS


@dataclasses.dataclass
class Heard:
    """One text. Times are seconds of one clock; `came` has (arrival, bytes) of each sound."""

    text: str
    asked: float
    came: list = dataclasses.field(default_factory=list)
    audio: bytearray = dataclasses.field(default_factory=bytearray)
    waits: int = 0
    ended: float = 0.0

    @property
    def first(self):
        """From the question to the first sound, in seconds."""
        return self.came[0][0] - self.asked

    @property
    def seconds(self):
        return len(self.audio) / 2 / RATE

    def leads(self):
        """Seconds of sound still unplayed whenever the next came, for one who plays from the first on."""
        played_from, ahead = self.came[0][0], 0.0
        for at, size in self.came:
            if ahead:
                yield ahead - (at - played_from)
            ahead += size / 2 / RATE

    @property
    def least_lead(self):
        return min(self.leads(), default=float("inf"))

    @property
    def underruns(self):
        """How often one who plays from the first sound on, and after a gap at once, hears a gap."""
        gaps, empty = 0, None
        for at, size in self.came:
            if empty is not None and at > empty:
                gaps, empty = gaps + 1, at
            empty = (at if empty is None else empty) + size / 2 / RATE
        return gaps

    @property
    def silence(self):
        """Seconds of the sound before anything can be heard."""
        loud = np.abs(np.frombuffer(bytes(self.audio), "<i2")) > AUDIBLE * 32768
        return float(np.argmax(loud)) / RATE if loud.any() else self.seconds


class Listener:
    """`async with Listener(url, voice="af_heart") as listener: await listener.speak(text)`."""

    def __init__(self, url, token="", **config):
        self.url, self.token, self.config = url, token, config

    async def __aenter__(self):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        self.socket = await websockets.connect(self.url, additional_headers=headers, max_queue=None, compression=None)
        await self.socket.send(json.dumps({"type": "config", **self.config}))
        await self.until("ready")
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def until(self, *kinds, into=None, sounds=None):
        """Reads up to a message of that type (or that many sounds), keeping sound in `into`."""
        async for message in self.socket:
            at = time.monotonic()
            if isinstance(message, bytes):
                if into is not None:
                    into.came.append((at, len(message)))
                    into.audio += message
                    if sounds and len(into.came) >= sounds:
                        return at, {"type": "sound"}
                continue
            body = json.loads(message)
            if body["type"] == "error":
                raise RuntimeError(f"the server refused: {body}")
            if body["type"] == "waiting" and into is not None:
                into.waits += 1
            if body["type"] in kinds:
                return at, body
        raise RuntimeError("the stream ended early")

    async def ask(self, text):
        heard = Heard(text, time.monotonic())
        await self.socket.send(json.dumps({"type": "speak", "text": text}))
        return heard

    async def speak(self, text, until_played=False):
        """Says a text and waits for its end; with `until_played` until it would be heard as well."""
        heard = await self.ask(text)
        heard.ended, _ = await self.until("done", into=heard)
        if until_played:
            await asyncio.sleep(max(0.0, heard.came[0][0] + heard.seconds - time.monotonic()))
        return heard

    async def cancel_after(self, text, sounds):
        """Begins a text and stops it: (milliseconds to `cancelled`, milliseconds to the last sound that came)."""
        heard = await self.ask(text)
        await self.until("done", into=heard, sounds=sounds)
        asked = time.monotonic()
        await self.socket.send(json.dumps({"type": "cancel"}))
        at, _ = await self.until("cancelled", into=heard)
        late = [came - asked for came, _ in heard.came if came > asked]
        return 1000 * (at - asked), 1000 * max(late, default=0.0)
