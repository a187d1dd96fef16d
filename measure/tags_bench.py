"""`bench tags`: what speakers and tags cost beside the words, and how much later finals come for them."""

import asyncio
import tempfile
import time

import clips
import live
import live_clips
from live_client import session
from recordings import long_recording
from stack import Stack

ASKED = {
    "words": {"metadata": "false"},
    "tags (the default)": {},
    "speakers and tags": {"diarize": "true"},
    "everything": {
        "diarize": "true",
        "metadata_prob": "true",
        "structured_intents": "true",
        "speech_analysis": "true",
        "speaker_embedding": "true",
        "word_timestamps": "true",
    },
}


def batch(seconds, times):
    """Wall and CPU seconds of a recording by what is asked of it; in turn, the best of each."""
    best = {}
    with tempfile.TemporaryDirectory() as folder, Stack(VARIANT="en-lite") as stack:
        stack.transcribe(long_recording(folder, 10), **ASKED["everything"])
        path = long_recording(folder, seconds)
        for _ in range(times):
            for name, fields in ASKED.items():
                cpu, began = stack.cpu_seconds("asr-server"), time.time()
                stack.transcribe(path, **fields)
                wall, cpu = time.time() - began, stack.cpu_seconds("asr-server") - cpu
                best[name] = min(best.get(name, (wall, cpu)), (wall, cpu))
        memory = stack.rss_mb("asr-server")
    words = best["words"][0]
    clips.table(
        f"{seconds} s of read English (MP3), Moonshine, through the gateway, two cores (best of {times})",
        ["asked for", "wall s", "of real time", "more than words alone", "CPU s"],
        [[name, wall, f"{wall / seconds:.4f}", f"{100 * (wall / words - 1):.0f} %", cpu] for name, (wall, cpu) in best.items()],
    )
    print(f"\nasr-server had {memory:.0f} MB resident afterwards.")


LIVE = {"words": {"metadata": False}, "tags (the default)": {}, "speakers and tags": {"diarize": True}}


def stream(sentences):
    """How much later finals come for the tags in them: the same stream, at the pace of speech."""
    audio, spoken = live_clips.stream(live_clips.sentences()[:sentences])
    rows = []
    with Stack(VARIANT="en-lite") as stack:
        warm = live_clips.stream(live_clips.sentences()[:1])[0]
        asyncio.run(session(live.address(stack), stack.token, warm, paced=False, diarize=True))
        for name, config in LIVE.items():
            heard = asyncio.run(session(live.address(stack), stack.token, audio, **config))
            rows.append(live.row(name, heard, spoken))
    clips.table(f"One English stream at the pace of speech, {sentences} sentences, through the gateway", live.COLUMNS, rows)


def bench(arguments):
    """`bench tags [batch] [live] [hour]`."""
    parts = {"batch": lambda: batch(600, 3), "live": lambda: stream(8), "hour": lambda: batch(3600, 1)}
    for name in arguments or ("batch", "live"):
        parts[name]()
