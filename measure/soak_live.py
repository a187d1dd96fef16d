"""Work of the soak in real time: streams, speech as it is made, and calls by socket, browser and telephone."""

import asyncio
import json
import os
import pathlib
import random
import time

import websockets

from calls_client import Caller
from soak_phone import Phone
from soak_world import QUESTIONS, RATE, TEXTS, VOICES, Wrong, holds, kind
from speech_client import Listener

import numpy as np

PEER = pathlib.Path(__file__).parent.parent / "tests" / "clients" / "peer.py"
CHUNK = RATE // 25 * 2  # bytes of a message: 40 ms


def at(world, path):
    return world.url.replace("http", "ws", 1) + path


async def speak_into(socket, samples):
    """At the pace of speech."""
    due = time.monotonic()
    for place in range(0, len(samples), CHUNK):
        await socket.send(samples[place : place + CHUNK])
        due += CHUNK / 2 / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))


@kind("streams", users=3, rest=4)
async def streams(world):
    """How long the last final takes after the last sound."""
    clip, diarize = random.choice(world.clips), random.choice(["true", "false"])
    url = at(world, f"/listen?sample_rate={RATE}&language=en&diarize={diarize}")
    messages = []
    async with websockets.connect(url, additional_headers=world.token, max_queue=None) as socket:

        async def read():
            async for message in socket:
                messages.append(json.loads(message))

        reader = asyncio.create_task(read())
        await speak_into(socket, clip.samples)
        said = time.monotonic()
        await socket.send('{"type":"end"}')
        await asyncio.wait_for(reader, world.patience)
        taken = time.monotonic() - said
    if socket.close_code != 1000 or messages[-1]["type"] != "end":
        raise Wrong(f"closed with {socket.close_code} after {messages[-1:]}")
    heard = " ".join(message["text"] for message in messages if message["type"] == "transcript" and message["is_final"])
    if not holds(heard, clip.text):
        raise Wrong(f"heard {heard[:200]!r} for {clip.text[:60]!r}")
    return [taken]


@kind("streams that vanish", rest=15)
async def vanishing(world):
    socket = await websockets.connect(at(world, f"/listen?sample_rate={RATE}"), additional_headers=world.token)
    await speak_into(socket, random.choice(world.clips).samples[: 4 * RATE])
    socket.transport.abort()


@kind("speech as it is made", users=2, rest=5)
async def speech(world):
    """How soon the first sound comes."""
    which = random.randrange(len(TEXTS))
    async with Listener(at(world, "/tts/stream"), world.stack.token, voice=random.choice(VOICES)) as listener:
        if random.random() < 0.2:
            await listener.cancel_after(" ".join(TEXTS), 2)
        heard = await listener.speak(TEXTS[which])
    usual = world.clips[which].seconds
    if not 0.5 * usual < heard.seconds < 2 * usual:
        raise Wrong(f"{heard.seconds:.1f} s, where another voice took {usual:.1f}")
    return [heard.first]


def conversed(record, question):
    """The record of a call must have both sides."""
    said = {speaker: " ".join(s["text"] for s in record["transcript"] if s["speaker"] == speaker) for speaker in ("agent", "customer")}
    if record["status"] != "completed" or not holds(said["customer"], question) or not holds(said["agent"], "Hello. Yes, I can help you with that."):
        raise Wrong(f"call {record['id']}: {record['status']}, {said}")


@kind("calls by socket", users=2, rest=8)
async def socket_calls(world):
    """Voice to voice. The recording is fetched afterwards."""
    asked, taken = random.sample(QUESTIONS, 2), []
    async with Caller(at(world, f"/bot/api/calls/socket?agent_id={world.agents['plain']}"), world.cookie(), world.patience) as caller:
        call = caller.messages[0][1]["call_id"]
        await caller.over(await caller.answer(0.0))
        for question in asked:
            await asyncio.sleep(0.5)
            await caller.say(np.frombuffer(world.questions[question], "<i2"))
            heard = await caller.answer(caller.said_to)
            taken.append(heard - caller.said_to)
            await caller.over(heard)
    conversed(await world.finished(call), asked[0])
    recording = (await world.mine("GET", f"calls/{call}/recording")).content
    if len(recording) < 100_000:
        raise Wrong(f"a recording of {len(recording)} bytes")
    return taken


@kind("callers that vanish", rest=30)
async def vanishing_callers(world):
    """The record must end all the same."""
    async with Caller(at(world, f"/bot/api/calls/socket?agent_id={world.agents['whole']}"), world.cookie(), world.patience) as caller:
        call = caller.messages[0][1]["call_id"]
        await caller.answer(0.0)
        caller.socket.transport.abort()
    await world.finished(call)


@kind("calls by browser", rest=20)
async def browser_calls(world):
    """aiortc, in a process of its own."""
    question = random.choice(QUESTIONS)
    plan = [{"wait": "segment", "speaker": "agent"}, {"sleep": 1}, {"say": str(world.recorded(question))},
            {"wait": "segment", "speaker": "agent"}, {"sleep": 3}, {"hangup": True}, {"wait": "closed"}]  # fmt: skip
    arguments = [os.environ["TEST_PYTHON"], PEER, f"{world.url}/bot/api", world.cookie(), world.agents["whole"], "/dev/null"]
    pipe = asyncio.subprocess.PIPE
    environment = {**os.environ, "PATIENCE": str(world.patience)}
    process = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
    out, trouble = await process.communicate(json.dumps(plan).encode())
    if process.returncode:
        raise Wrong(trouble.decode()[-300:])
    messages = json.loads(out)
    call = next(message["call_id"] for message in messages if message["type"] == "answered")
    conversed(await world.finished(call), question)


@kind("calls by telephone", rest=20)
async def telephone_calls(world):
    question = random.choice(QUESTIONS)
    async with Phone(world, world.agents["whole"]) as phone:
        await phone.until_quiet(0.0, world.patience)
        await phone.say(np.frombuffer(world.questions[question], "<i2"))
        heard, said = await phone.until_quiet(phone.said, world.patience), phone.said
    (call,) = [c for c in (await world.mine("GET", "calls?limit=50")).json()["data"] if c.get("from_number") == phone.number]
    conversed(await world.finished(call["id"]), question)
    return [heard - said]
