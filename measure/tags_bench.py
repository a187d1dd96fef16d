"""`bench tags`: what speakers and tags cost beside the words."""

import tempfile
import time

import clips
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


def bench(arguments):
    """`bench tags [hour]`."""
    batch(600, 3)
    if "hour" in arguments:
        batch(3600, 1)
