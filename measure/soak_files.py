"""Work of the soak on files: recordings sent and speech made, by every endpoint, and what must be refused."""

import asyncio
import random
import socket
import subprocess
import urllib.parse

import requests

from soak_world import FORMATS, RATE, TEXTS, VOICES, Wrong, holds, kind, told

# Form fields that take different ways through recognition.
WISHES = [
    {},
    {"metadata": "false"},
    {"word_timestamps": "true", "metadata_prob": "true"},
    {"diarize": "true", "speaker_embedding": "true"},
    {"format": "srt"},
    {"n_best": "3", "hotwords": "harbour,invoice"},
    {"noise_reduce": "true", "gain_normalize": "true"},
    {"speech_analysis": "true", "structured_intents": "true"},
    {"summarize": "What was said? Answer in one sentence."},
]


def understood(heard, text):
    if not holds(heard, text):
        raise Wrong(f"heard {heard[:200]!r} for {text[:60]!r}")


@kind("recordings", users=2, rest=4)
async def recordings(world):
    clip, form, wish = random.choice(world.clips), random.choice(FORMATS), random.choice(WISHES)
    path = random.choice(["/asr/transcribe", "/asr/transcribe", "/asr/transcribe", "/asr/transcribe/clean", "/asr/transcribe/long"])
    file = {"file": (f"a.{form}", clip.files[form])}
    answer = await world.ask("POST", path, headers=world.token, files=file, data=wish if path == "/asr/transcribe" else {})
    understood(told(answer), clip.text)


@kind("long recordings", rest=60)
async def long_recordings(world):
    """Two minutes and a half, as samples without a header."""
    chosen = [random.choice(world.clips) for _ in range(20)]
    chosen = chosen[: 1 + next((at for at in range(len(chosen)) if sum(c.seconds for c in chosen[:at]) > 150), len(chosen))]
    sound = bytes(RATE).join(clip.samples for clip in chosen)
    address = f"/asr/transcribe/pcm?sample_rate={RATE}&diarize=true"
    answer = await world.ask("POST", address, headers={**world.token, "Content-Type": "application/octet-stream"}, data=sound)
    understood(told(answer), " ".join(clip.text for clip in chosen))


@kind("several recordings", rest=30)
async def several_recordings(world):
    chosen = random.sample(world.clips, 3)
    files = [("file", (f"{at}.wav", clip.files["wav"])) for at, clip in enumerate(chosen)]
    answer = await world.ask("POST", "/asr/transcribe/batch", headers=world.token, files=files)
    for result, clip in zip(answer.json()["results"], chosen, strict=True):
        understood(result["result"]["transcript"], clip.text)


@kind("speech files", users=2, rest=6)
async def speech_files(world):
    at = random.randrange(len(TEXTS))
    form = random.choice([*FORMATS, "pcm"])
    answer = await world.say(TEXTS[at], random.choice(VOICES), form)
    seconds, usual = await asyncio.to_thread(duration, answer.content, form), world.clips[at].seconds
    # Voices take their time or hurry, by not more than this.
    if not 0.5 * usual < seconds < 2 * usual:
        raise Wrong(f"{seconds:.1f} s of {form}, where another voice took {usual:.1f}")


def duration(sound, form):
    """Seconds of a file, as ffmpeg reads it."""
    given = ["-f", "s16le", "-ar", str(RATE), "-ac", "1"] if form == "pcm" else []
    wanted = ["-f", "s16le", "-ar", "8000", "-ac", "1", "-"]
    read = subprocess.run(["ffmpeg", "-v", "error", *given, "-i", "-", *wanted], input=sound, capture_output=True, check=True)
    return len(read.stdout) / 2 / 8000


def leave(world):
    """Takes the first sound of a text and goes away."""
    body = {"text": " ".join(TEXTS * 3), "format": "wav"}
    with requests.post(f"{world.url}/tts/synthesize", headers=world.token, json=body, stream=True, timeout=world.patience) as answer:
        if answer.status_code == 200 and not next(answer.iter_content(4096)):
            raise Wrong("no sound")


def break_off(world):
    """Sends half of a recording and goes away."""
    place = urllib.parse.urlsplit(world.url)
    body = random.choice(world.clips).files["wav"]
    head = f"POST /asr/transcribe/pcm?sample_rate={RATE} HTTP/1.1\r\nHost: a\r\nAuthorization: {world.token['Authorization']}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((place.hostname, place.port), timeout=world.patience) as connection:
        connection.sendall(head.encode() + body[: len(body) // 2])


@kind("left half-way", rest=15)
async def left_half_way(world):
    await asyncio.to_thread(random.choice([leave, break_off]), world)


@kind("refused", rest=5)
async def refused(world):
    """Status and code must be what docs/errors.md says."""
    noise, token = random.randbytes(200_000), world.token
    cases = [
        (401, "missing_token", "POST", "/asr/transcribe", {"files": {"file": ("a.wav", noise)}}),
        (401, "invalid_token", "GET", "/asr/models", {"headers": {"Authorization": "Bearer wh_" + "x" * 43}}),
        (415, "unsupported_audio", "POST", "/asr/transcribe", {"headers": token, "files": {"file": ("a.wav", noise)}}),
        (422, "empty_audio", "POST", "/asr/transcribe", {"headers": token, "files": {"file": ("a.wav", b"")}}),
        (422, None, "POST", "/tts/synthesize", {"headers": token, "json": {"text": "Hello.", "speed": 99}}),
        (400, None, "POST", "/tts/synthesize", {"headers": {**token, "Content-Type": "application/json"}, "data": "{"}),
        (413, "text_too_long", "POST", "/tts/synthesize", {"headers": token, "json": {"text": "a " * 30_000}}),
        (404, "not_found", "GET", "/nowhere", {"headers": token}),
        (401, None, "GET", "/bot/api/auth/me", {}),
    ]
    status, code, method, path, rest = random.choice(cases)
    answer = await world.ask(method, path, expect=(status,), **rest)
    if code and answer.json()["error"]["code"] != code:
        raise Wrong(f"{answer.text[:200]} instead of {code}")


