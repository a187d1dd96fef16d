"""Twilio's end of a telephone call: asks what to do with it, signed, then brings and plays its sound as G.711 mu-law."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time

import numpy as np
import websockets

ACCOUNT, SECRET, NUMBER = "AC" + "1" * 32, "soak", "+14155550000"
FRAME = 160  # samples of 20 ms at 8 kHz


def signature(address, form=()):
    text = address + "".join(name + value for name, value in sorted(dict(form).items()))
    return base64.b64encode(hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).digest()).decode()


def mu_law(samples):
    """ITU-T G.711, of 16 bits."""
    magnitude = np.minimum(np.abs(samples.astype(np.int32)), 32635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    return (~(np.where(samples < 0, 128, 0) | exponent << 4 | mantissa) & 255).astype(np.uint8)


def eight_khz(samples):
    """Thirds of 24 kHz; the mean of three is filter enough for speech to be understood."""
    return samples[: len(samples) // 3 * 3].reshape(-1, 3).mean(axis=1).astype(np.int16)


class Phone:
    """`async with Phone(world, agent) as phone: await phone.say(samples at 24 kHz)`."""

    def __init__(self, world, agent):
        self.world, self.agent = world, agent
        self.number = f"+1415{next(world.numbers):07d}"
        self.call = "CA" + hashlib.md5(self.number.encode()).hexdigest()
        self.stream = "MZ" + self.call[2:]
        self.speaking, self.waiting, self.sound, self.said = b"", [], [], 0.0
        self.sequence, self.ended = 1, False

    async def __aenter__(self):
        address = f"{self.world.url}/bot/api/twiml/{self.agent}"
        form = {"AccountSid": ACCOUNT, "CallSid": self.call, "From": self.number, "To": NUMBER, "CallStatus": "ringing", "Direction": "inbound"}
        answer = await self.world.ask("POST", address, data=form, headers={"X-Twilio-Signature": signature(address, form)})
        url, token = re.search(r'url="([^"]+)".*value="([^"]+)"', answer.text).groups()
        self.socket = await websockets.connect(url, additional_headers={"X-Twilio-Signature": signature(url)}, max_queue=None)
        await self.send("connected", protocol="Call", version="1.0.0")
        start = {"accountSid": ACCOUNT, "streamSid": self.stream, "callSid": self.call, "tracks": ["inbound"],
                 "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}, "customParameters": {"token": token}}  # fmt: skip
        await self.send("start", start=start)
        self.tasks = [asyncio.create_task(self.listen()), asyncio.create_task(self.talk())]
        return self

    async def __aexit__(self, *_):
        if not self.ended:
            await self.send("stop", stop={"accountSid": ACCOUNT, "callSid": self.call})
        await self.socket.close()
        self.tasks[1].cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def send(self, event, **rest):
        self.sequence += 1
        await self.socket.send(json.dumps({"event": event, "sequenceNumber": str(self.sequence), "streamSid": self.stream, **rest}))

    async def listen(self):
        async for message in self.socket:
            message = json.loads(message)
            if message["event"] == "clear":
                self.waiting = [waiting for waiting in self.waiting if isinstance(waiting, str)]
            else:
                mark = message["event"] == "mark"
                self.waiting.append(message["mark"]["name"] if mark else base64.b64decode(message["media"]["payload"]))
        self.ended = True

    async def talk(self):
        """20 ms in both directions, every 20 ms."""
        due, chunk = time.monotonic(), 0
        while not self.ended:
            frame, self.speaking = self.speaking[:FRAME], self.speaking[FRAME:]
            if frame:
                self.said = time.monotonic()
            chunk += 1
            media = {"track": "inbound", "chunk": str(chunk), "timestamp": str(20 * chunk - 20), "payload": base64.b64encode(frame.ljust(FRAME, b"\xff")).decode()}
            await self.send("media", media=media)
            await self.play()
            due += 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def play(self):
        """The next 20 ms, and gives back the marks before and after."""
        played = False
        while self.waiting and not (played and isinstance(self.waiting[0], bytes)):
            waiting = self.waiting.pop(0)
            if isinstance(waiting, str):
                await self.send("mark", mark={"name": waiting})
            else:
                played = True
                # Louder than room tone: code words of about -30 dBFS and more.
                if min(byte & 127 for byte in waiting) < 0x40:
                    self.sound.append(time.monotonic())

    async def say(self, samples):
        self.speaking = mu_law(eight_khz(samples)).tobytes()
        while self.speaking:
            await asyncio.sleep(0.02)

    async def until_quiet(self, after, patience):
        """When sound began after a time; returns once a second and a half without any has passed."""
        deadline = time.monotonic() + patience
        while True:
            heard = [moment for moment in self.sound if moment > after]
            if heard and time.monotonic() - heard[-1] > 1.5:
                return heard[0]
            if time.monotonic() > deadline or (self.ended and not heard):
                raise TimeoutError(f"nothing was said on the telephone for {patience:.0f} s")
            await asyncio.sleep(0.05)
