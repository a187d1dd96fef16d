"""Calls an agent over WebRTC with aiortc: a peer that is no browser.

    peer.py API COOKIE AGENT HEARD     API is http://host:port/bot/api; the plan comes from stdin

A plan is a list of steps:
    {"say": PATH}          raw s16le at 24 kHz, in real time
    {"wait": TYPE}         until an event of this type came that no earlier wait took; with "state"
                           or "speaker", one that has it too; "closed" is the connection's end
    {"sleep": SECONDS}
    {"hangup": true}       over the data channel
    {"renegotiate": true}  another offer on the same connection
    {"lose": SHARE}        from now on this share of the packets, 0 to 1, is lost in both directions
    {"vanish": true}       no more packets, and no goodbye
    {"relayed": true}      first: only what the other side's TURN server relays reaches it
What was heard is written to HEARD as raw s16le at 24 kHz. Candidates are sent one by one, in the
shapes that browsers use. Prints the events as a list of JSON, each with `at` in seconds.
"""

import asyncio
import fractions
import json
import os
import random
import sys
import time
import urllib.request

import aioice.ice
import av
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription

RATE, FRAME = 24_000, 480
# Seconds; longer on machines that have other work to do.
PATIENCE = float(os.environ.get("PATIENCE", "60"))


class Line:
    """What goes over the network, less what is lost."""

    lost = 0.0

    @classmethod
    def holds(cls):
        return random.random() >= cls.lost


def lossy(method):
    return lambda *arguments: method(*arguments) if Line.holds() else None


for name in ("datagram_received", "send_stun"):
    setattr(aioice.ice.StunProtocol, name, lossy(getattr(aioice.ice.StunProtocol, name)))


async def send_data(self, data, addr, whole=aioice.ice.StunProtocol.send_data):
    if Line.holds():
        await whole(self, data, addr)


aioice.ice.StunProtocol.send_data = send_data


class Microphone(MediaStreamTrack):
    """Silence, and what is said."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self.speech, self.frames, self.began = b"", 0, None

    async def recv(self):
        self.began = self.began or time.monotonic()
        await asyncio.sleep(max(0, self.began + self.frames * FRAME / RATE - time.monotonic()))
        sound, self.speech = self.speech[: FRAME * 2], self.speech[FRAME * 2 :]
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(sound.ljust(FRAME * 2, b"\0"))
        frame.sample_rate, frame.pts = RATE, self.frames * FRAME
        frame.time_base = fractions.Fraction(1, RATE)
        self.frames += 1
        return frame


class Caller:
    def __init__(self, api, cookie, agent, is_relayed):
        self.is_relayed = is_relayed
        self.api, self.cookie, self.agent, self.id = api, cookie, agent, None
        self.peer, self.microphone = RTCPeerConnection(), Microphone()
        self.messages, self.taken, self.arrived = [], 0, asyncio.Event()
        self.began, self.heard = time.monotonic(), bytearray()
        self.channel = self.peer.createDataChannel("events")
        self.channel.on("message", lambda text: self.add(json.loads(text)))
        self.channel.on("close", lambda: self.add({"type": "closed"}))
        self.peer.on("track", lambda track: asyncio.ensure_future(self.listen(track)))
        self.peer.addTrack(self.microphone)

    def add(self, message):
        self.messages.append({"at": round(time.monotonic() - self.began, 3), **message})
        self.arrived.set()

    async def listen(self, track):
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        try:
            while True:
                for frame in resampler.resample(await track.recv()):
                    self.heard += bytes(frame.planes[0])[: frame.samples * 2]
        except Exception as error:
            if type(error).__name__ != "MediaStreamError":
                self.add({"type": "trouble", "what": repr(error)})

    def request(self, method, body):
        headers = {"Content-Type": "application/json"}
        # As in the reference: candidates come without a cookie.
        if method != "PATCH":
            headers["Cookie"] = self.cookie
        request = urllib.request.Request(f"{self.api}/offer", json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read() or "null")

    async def send(self, method, **body):
        return await asyncio.to_thread(self.request, method, body)

    async def offer(self):
        await self.peer.setLocalDescription(await self.peer.createOffer())
        lines = self.peer.localDescription.sdp.splitlines()
        found = [line[2:] for line in lines if line.startswith("a=candidate:")]
        sdp = "".join(f"{line}\r\n" for line in lines if not line.startswith(("a=candidate:", "a=end-of-candidates")))
        about = {"pc_id": self.id} if self.id else {"agent_id": self.agent}
        answer = await self.send("POST", sdp=sdp, type="offer", **about)
        if not self.id:
            self.add({"type": "answered", **{name: answer[name] for name in ("pc_id", "call_id")}})
        self.id = answer["pc_id"]
        if self.is_relayed:
            lines = answer["sdp"].splitlines()
            direct = [line for line in lines if line.startswith("a=candidate:") and " typ relay " not in line]
            answer["sdp"] = "".join(f"{line}\r\n" for line in lines if line not in direct)
        await self.peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        whole = [{"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0} for line in found]
        await self.send("PATCH", pc_id=self.id, candidates=whole[:1])
        await self.send("PATCH", pc_id=self.id, candidates=found)
        for each in [*whole, {"candidate": "", "sdpMid": "0", "sdpMLineIndex": 0}, None]:
            await self.send("PATCH", pc_id=self.id, candidate=each)

    async def wait(self, step):
        wanted = {name: step[name] for name in ("state", "speaker") if name in step}
        while True:
            for index in range(self.taken, len(self.messages)):
                message = self.messages[index]
                fields = {**message, **message.get("segment", {})}
                if message["type"] == step["wait"] and all(fields.get(n) == v for n, v in wanted.items()):
                    self.taken = index + 1
                    return
            self.arrived.clear()
            await asyncio.wait_for(self.arrived.wait(), PATIENCE)

    async def play(self, plan):
        for step in plan:
            if "say" in step:
                self.microphone.speech = open(step["say"], "rb").read()
                while self.microphone.speech:
                    await asyncio.sleep(0.02)
            elif "wait" in step:
                await self.wait(step)
            elif "sleep" in step:
                await asyncio.sleep(step["sleep"])
            elif "hangup" in step:
                self.channel.send(json.dumps({"type": "hangup"}))
            elif "renegotiate" in step:
                await self.offer()
            elif "lose" in step:
                Line.lost = step["lose"]
            elif "vanish" in step:
                return True
        return False


async def main(api, cookie, agent, heard):
    plan = json.load(sys.stdin)
    is_relayed = "relayed" in plan[0]
    caller = Caller(api, cookie, agent, is_relayed)
    await caller.offer()
    has_vanished = False
    try:
        has_vanished = await caller.play(plan)
    except asyncio.TimeoutError:
        caller.add({"type": "impatient"})
    open(heard, "wb").write(caller.heard)
    print(json.dumps(caller.messages), flush=True)
    if not has_vanished:
        await caller.peer.close()


asyncio.run(main(*sys.argv[1:]))
