"""What users of the soak share: addresses, what is said, whose turn it is to rest, and what came of it all."""

import asyncio
import collections
import dataclasses
import json
import pathlib
import random
import re
import subprocess
import time

import requests

TEXTS = [
    "Good morning, I would like to ask about my last order.",
    "The harbour opens early in the morning, and the boats leave before anybody is awake.",
    "Please send the invoice to the new address, and tell me when the parcel has left your warehouse.",
    "We walked along the river until the rain began, found a small cafe under the bridge, and stayed there for two hours talking about music.",
    "The library was built a hundred years ago. Its reading room has a glass roof, and on bright days nobody needs a lamp. Children come after school, and older people read their newspapers by the window.",
]
VOICES = ["am_michael", "af_heart", "bf_emma", "bm_george", "af_bella"]
FORMATS = ["wav", "mp3", "flac", "opus"]
QUESTIONS = ["What is the capital of France?", "How do I change my delivery address?", "Can you tell me when you are open on Sunday?"]
RATE = 24000  # of `Clip.samples`


class Wrong(Exception):
    """An answer that should not have come."""


class Busy(Exception):
    """A refusal for want of room, told as documented."""


@dataclasses.dataclass
class Clip:
    """A text as sound: raw s16le at `RATE`, and as a file of each format."""

    text: str
    samples: bytes
    files: dict

    @property
    def seconds(self):
        return len(self.samples) / 2 / RATE


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def holds(heard, text):
    """Whether a third of the words were understood: recognition errs, but not beyond that."""
    wanted, found = words(text), set(words(heard))
    return 3 * sum(word in found for word in wanted) >= len(wanted)


@dataclasses.dataclass
class Kind:
    """A kind of work: `users` do it again and again, and rest `rest` seconds between, on average and at pace 1."""

    name: str
    act: object
    users: int
    rest: float


KINDS = []


def kind(name, users=1, rest=5.0):
    """Registers `act(world)`: it gives the seconds that its users waited, or None for its own length."""

    def register(act):
        KINDS.append(Kind(name, act, users, rest))
        return act

    return register


class World:
    def __init__(self, stack, folder, patience):
        """`patience`: seconds that anybody waits for anything; what is slow, but comes, is in the table."""
        self.patience = patience
        self.stack, self.url, self.folder = stack, stack.url, pathlib.Path(folder)
        self.token = {"Authorization": f"Bearer {stack.token}"}
        self.outcomes, self.taken = collections.defaultdict(collections.Counter), collections.defaultdict(list)
        self.wrong, self.active, self.pace = [], 0, 1.0
        self.over, self.open = asyncio.Event(), asyncio.Event()
        self.clips, self.questions, self.agents, self.numbers = [], {}, {}, iter(range(1, 10**9))
        self.person = requests.Session()

    def happened(self, name, outcome, detail=""):
        self.outcomes[name][outcome] += 1
        if outcome == "WRONG":
            self.wrong.append(f"{time.strftime('%H:%M:%S')} {name}: {detail}")
            print(f"WRONG {self.wrong[-1]}", flush=True)

    async def ask(self, method, path, expect=(200, 201, 204), **rest):
        """A request on a connection of its own; the response, which has a status of `expect`."""
        address = path if path.startswith("http") else self.url + path
        answer = await asyncio.to_thread(requests.request, method, address, timeout=self.patience, **rest)
        if answer.status_code in expect:
            return answer
        try:
            code = answer.json()["error"]["code"]
        except (ValueError, KeyError, TypeError):
            code = "no envelope"
        if code in ("overloaded", "rate_limited"):
            raise Busy(code)
        raise Wrong(f"{method} {path}: {answer.status_code} {code} {answer.text[:200]}")

    def cookie(self):
        return "access_token=" + self.person.cookies["access_token"]

    async def mine(self, method, path, **rest):
        """A request of the one whose agents answer calls."""
        return await self.ask(method, "/bot/api/" + path, headers={"Cookie": self.cookie()}, **rest)

    async def finished(self, call):
        """The record of a call, once it is over."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            record = (await self.mine("GET", f"calls/{call}")).json()
            if record["status"] != "in-progress":
                return record
            await asyncio.sleep(0.5)
        raise Wrong(f"call {call} goes on {self.patience:.0f} s after its end")

    async def rest(self, seconds):
        try:
            await asyncio.wait_for(self.over.wait(), random.expovariate(1.0) * seconds * self.pace)
        except TimeoutError:
            pass

    async def user(self, kind):
        await self.rest(kind.rest)
        while not self.over.is_set():
            await self.open.wait()
            await self.once(kind)
            await self.rest(kind.rest)

    async def once(self, kind):
        self.active, began = self.active + 1, time.monotonic()
        try:
            taken = await kind.act(self)
            self.happened(kind.name, "done")
            self.taken[kind.name] += [time.monotonic() - began] if taken is None else taken
        except Busy:
            self.happened(kind.name, "busy")
        except Exception as error:  # whatever goes wrong is counted, and the others go on
            self.happened(kind.name, "WRONG", f"{type(error).__name__}: {error}"[:400])
        finally:
            self.active -= 1

    async def quiet(self):
        """Lets everybody finish and nobody begin."""
        self.open.clear()
        while self.active:
            await asyncio.sleep(0.2)

    async def prepare(self):
        """Somebody with agents, and what is said as sound."""
        self.person.post(f"{self.url}/bot/api/auth/signup", json={"email": "owner@example.com", "password": "correct horse battery"}).raise_for_status()
        # Nobody is asked whether they are there when the machine is slow.
        whole = {"silence_seconds": 120}
        for name, settings in (("plain", {**whole, "humanize": False, "backchannel": False}), ("whole", whole)):
            body = {"name": name, "greeting": "Hello.", "voice": "af_heart", "language": "en", "settings": settings}
            self.agents[name] = (await self.mine("POST", "agents", json=body)).json()["id"]
        for text, voice in zip(TEXTS, VOICES):
            samples = (await self.say(text, voice, "pcm")).content
            self.clips.append(Clip(text, samples, {form: encoded(samples, form) for form in FORMATS}))
        for text in QUESTIONS:
            self.questions[text] = (await self.say(text, "am_michael", "pcm")).content
            self.recorded(text).write_bytes(self.questions[text])

    def recorded(self, question):
        """A file with the question as raw samples."""
        return self.folder / f"{'-'.join(words(question))}.pcm"

    async def say(self, text, voice, form):
        return await self.ask("POST", "/tts/synthesize", headers=self.token, json={"text": text, "voice": voice, "format": form})


def encoded(samples, form):
    """A file of samples, as ffmpeg makes it."""
    given = ["-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-"]
    kind = {"opus": ["-f", "opus"], "mp3": ["-b:a", "64k", "-f", "mp3"]}.get(form, ["-f", form])
    return subprocess.run(["ffmpeg", "-v", "error", *given, *kind, "-"], input=samples, capture_output=True, check=True).stdout


def told(answer):
    """What an answer of recognition says, in whatever shape it came."""
    if "json" not in answer.headers["content-type"]:
        return answer.text
    body = answer.json()
    body = body if isinstance(body, dict) else {"segments": body}
    return body.get("transcript") or body.get("text") or " ".join(s["text"] for s in body.get("segments", []))


def events(text):
    """The messages of a body of server-sent events."""
    return [json.loads(line[5:]) for line in text.splitlines() if line.startswith("data:")]
