"""Conversations: how soon an answer is heard, how soon we are silent when interrupted, whether sound
ever runs dry, the pace of what is sent, and what calls leave behind.

    scripts/measure.sh bench calls                       everything
    scripts/measure.sh bench calls latency barge         some of: latency, barge, together, pace, leaks

Everything is real but the language model, which is a stand-in with a fixed delay.
"""

import asyncio
import json
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import requests

import clips
from calls_client import Caller
from live_score import quantile
from stack import Stack

MODEL = pathlib.Path(__file__).parent.parent / "tests" / "clients" / "model.py"
QUESTIONS = [
    "What is the capital of France?",
    "How do I change my delivery address?",
    "Can you tell me when you are open on Sunday?",
    "I would like to cancel my last order, please.",
    "Is there a discount for students?",
]
ANSWER = "Yes, I can help you with that. Please give me a moment to look it up."
STORY = "There was once a small town by the sea where every single morning the boats of the fishermen went out to catch what they could find before the sun had risen over the hills behind the harbour. " * 3
STORY_PLEASE = "Please tell me a long story."
# One breath: who pauses after "wait a moment" may be answered before they go on.
INTERRUPTION = "I have a different question about my invoice."


class Model:
    """The stand-in: `delay` seconds until the first word, `pace` between words."""

    def __init__(self, delay=0.0, pace=0.0):
        rhythm = {"delay": delay, "pace": pace}
        self.answers = [{"when": "story", "say": STORY, **rhythm}, {"when": "", "say": ANSWER, **rhythm}]

    def __enter__(self):
        command = [sys.executable, MODEL, json.dumps(self.answers)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/v1"
        # What it is asked is written there; nobody reads it twice.
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.drain.wait(10)


class Calls(Stack):
    """The services of a call, somebody signed in, an agent, and what callers say as sound."""

    def __init__(self, model, **settings):
        services = ("postgres", "asr-server", "tts-server", "voice-bot", "gateway")
        self.settings = {"humanize": False, "backchannel": False, **settings}
        super().__init__(services=services, VARIANT="en-lite", LLM_PROVIDER="openai", LLM_BASE_URL=model.url, LLM_MODEL="test", LLM_API_KEY="test")

    def __enter__(self):
        super().__enter__()
        self.person = requests.Session()
        api = f"{self.url}/bot/api"
        account = {"email": "owner@example.com", "password": "correct horse battery staple"}
        self.person.post(f"{api}/auth/signup", json=account).raise_for_status()
        agent = {"name": "Bench", "greeting": "Hello.", "voice": "af_heart", "language": "en", "settings": self.settings}
        made = self.person.post(f"{api}/agents", json=agent)
        made.raise_for_status()
        self.agent = made.json()["id"]
        self.sounds = {text: self.speak(text) for text in [*QUESTIONS, INTERRUPTION, STORY_PLEASE]}
        return self

    def speak(self, text):
        body = {"text": text, "voice": "am_michael", "format": "pcm"}
        made = requests.post(f"{self.tts_url}/synthesize", json=body)
        made.raise_for_status()
        samples = np.frombuffer(made.content, "<i2")
        return samples

    def caller(self):
        """Straight to voice-bot: what the gateway adds is measured elsewhere."""
        url = f"{self.bot_url}/api/calls/socket?agent_id={self.agent}".replace("http", "ws", 1)
        return Caller(url, "access_token=" + self.person.cookies["access_token"])

    def record(self, call):
        answer = self.person.get(f"{self.url}/bot/api/calls/{call}")
        answer.raise_for_status()
        return answer.json()

    def fds(self):
        return len(os.listdir(f"/proc/{self.processes['voice-bot'].pid}/fd"))


def call_id(caller):
    return next(message["call_id"] for _, message in caller.messages if message["type"] == "started")


async def turns(stack, caller, count):
    """Seconds from the last of the voice that was sent to the first sound of the answer."""
    taken = []
    await caller.over(await caller.answer(0.0))
    for number in range(count):
        await asyncio.sleep(0.5)
        await caller.say(stack.sounds[QUESTIONS[number % len(QUESTIONS)]])
        heard = await caller.answer(caller.said_to)
        taken.append(heard - caller.said_to)
        await caller.over(heard)
    return taken


async def conversation(stack, count, delay=0.0):
    await asyncio.sleep(delay)
    async with stack.caller() as caller:
        taken = await turns(stack, caller, count)
    return taken, call_id(caller), caller


def row(name, taken):
    ms = [1000 * seconds for seconds in taken]
    return [name, len(ms), *(f"{quantile(ms, q):.0f}" for q in (50, 95)), f"{max(ms):.0f}"]


def latency(count=20):
    """Voice to voice, with a model that answers at once and with one that takes 300 ms."""
    rows = []
    for name, delay in (("a model that answers at once", 0.0), ("a model that takes 300 ms", 0.3)):
        with Model(delay) as model, Calls(model) as stack:
            asyncio.run(conversation(stack, 3))
            taken, call, _ = asyncio.run(conversation(stack, count))
            rows.append(row(name, taken))
            if not delay:
                steps = [s["latency"] for s in stack.record(call)["transcript"] if s.get("latency")]
    clips.table(
        f"Voice to voice, heard by the caller, {os.cpu_count()} cores (goals without the model's time: p50 800 ms, p95 1300 ms)",
        ["", "turns", "p50 ms", "p95", "worst"],
        rows,
    )
    names = ["end_of_turn_ms", "first_words_ms", "first_sound_ms", "voice_to_voice_ms"]
    table = []
    for name in names:
        values = [step[name] for step in steps if step.get(name) is not None]
        if values:
            table.append([name, *(f"{quantile(values, q):.0f}" for q in (50, 95))])
    clips.table("As the call's record has it, since the voice ended", ["until", "p50 ms", "p95"], table)


async def interruptions(stack, count):
    """Seconds from the first of the caller's voice to the last of ours."""
    taken = []
    async with stack.caller() as caller:
        await caller.over(await caller.answer(0.0))
        for _ in range(count):
            await asyncio.sleep(0.5)
            await caller.say(stack.sounds[STORY_PLEASE])
            await caller.answer(caller.said_to)
            await asyncio.sleep(2.0)
            await caller.say(stack.sounds[INTERRUPTION])
            # Our next sound is the answer to the interruption, after a pause for the rest of its words.
            stopped = caller.last_sound(caller.said_from - 1.0, caller.said_to) - caller.said_from
            # Who begins in a pause between our sentences interrupts nothing.
            taken += [stopped] if stopped > 0.0 else []
            await caller.over(await caller.answer(caller.said_to))
    return taken, call_id(caller)


def barge(count=12):
    with Model() as model, Calls(model) as stack:
        taken, _ = asyncio.run(interruptions(stack, count))
    ms = [1000 * seconds for seconds in taken]
    beyond = [value - 300 for value in ms]
    clips.table(
        "Interruptions: from the caller's first sound to our last (goal: 200 ms after the 300 ms that make an interruption, p95)",
        ["interruptions", "p50 ms", "p95", "worst", "after the 300 ms, p50", "p95"],
        [[len(ms), *(f"{quantile(ms, q):.0f}" for q in (50, 95)), f"{max(ms):.0f}", *(f"{quantile(beyond, q):.0f}" for q in (50, 95))]],
    )


async def crowd(stack, callers, count):
    return await asyncio.gather(*(conversation(stack, count, 1.7 * place) for place in range(callers)))


def together(callers=4, count=8):
    rows = []
    for several in (1, callers):
        with Model(0.3, 0.02) as model, Calls(model) as stack:
            asyncio.run(conversation(stack, 2))
            done = asyncio.run(crowd(stack, several, count))
            records = [stack.record(call) for _, call, _ in done]
            underruns = [record["metadata"].get("underruns", "?") for record in records]
            late = [at - before for _, _, caller in done for (before, _), (at, _) in zip(caller.frames, caller.frames[1:])]
            taken = [seconds for own, _, _ in done for seconds in own]
            rows.append([several, *row("", taken)[1:], sum(value for value in underruns if value != "?"), f"{1000 * max(late):.0f}", stack.rss_mb("voice-bot")])
    clips.table(
        "Calls at once, a model that takes 300 ms and 20 ms a word (goal: no underruns with 4)",
        ["calls", "turns", "voice to voice p50 ms", "p95", "worst", "underruns (20 ms each)", "longest wait for sound ms", "voice-bot MB"],
        rows,
    )


async def quiet_call(stack, seconds):
    async with stack.caller() as caller:
        await caller.answer(0.0)
        await asyncio.sleep(seconds)
    return [at for at, _ in caller.frames[50:]]


def pace(seconds=60):
    """Arrivals against the best grid of 20 ms; the caller's own scheduling is in it."""
    with Model() as model, Calls(model) as stack:
        arrivals = np.array(asyncio.run(quiet_call(stack, seconds)))
    grid = arrivals - 0.02 * np.arange(len(arrivals))
    error = 1000 * np.abs(grid - np.median(grid))
    drift = 1000 * (np.median(grid[-100:]) - np.median(grid[:100]))
    clips.table(
        "Pace of what is sent: distance from a grid of 20 ms (goal: p99 5 ms)",
        ["frames", "p50 ms", "p99", "worst", f"drift in {seconds} s, ms"],
        [[len(error), *(f"{quantile(list(error), q):.2f}" for q in (50, 99)), f"{error.max():.2f}", f"{drift:.2f}"]],
    )


async def short(stack, count):
    for _ in range(count):
        async with stack.caller() as caller:
            await caller.answer(0.0)


def leaks(count=100):
    rows = []
    with Model() as model, Calls(model) as stack:
        asyncio.run(short(stack, 10))
        for done in range(0, count + 1, count // 4):
            time.sleep(3)
            rows.append([done, stack.rss_mb("voice-bot"), stack.fds()])
            if done < count:
                asyncio.run(short(stack, count // 4))
    clips.table("Calls begun and ended, after 10 to warm up", ["calls", "voice-bot MB", "file handles"], rows)


def bench(parts=()):
    known = {"latency": latency, "barge": barge, "together": together, "pace": pace, "leaks": leaks}
    for name in parts or known:
        known[name]()
