"""The peer of live recognition: Vosk's small model, with its own endpointer, in this process."""

import json
import pathlib
import subprocess
import tempfile
import time

from live_client import CHUNK, RATE, Live, Message
from stack import BIN


def model():
    """Its model, in the folders it wants."""
    import vosk

    vosk.SetLogLevel(-1)
    found = subprocess.run([BIN / "models", "path", "vosk-small-en"], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        for file in pathlib.Path(found).iterdir():
            place = pathlib.Path(folder) / file.name.replace("--", "/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(file)
        return vosk.Model(folder)


def session(samples):
    """Feeds it 20 ms at a time at the pace of speech; no network lies between."""
    import vosk

    recogniser = vosk.KaldiRecognizer(model(), RATE)
    recogniser.SetWords(True)
    live, step = Live(), 2 * CHUNK
    live.began = time.monotonic()

    def keep(result):
        if result["text"]:
            body = {"type": "transcript", "is_final": True, "utterance_end": True, "text": result["text"]}
            body |= {"start": result["result"][0]["start"], "end": result["result"][-1]["end"]}
            live.messages.append(Message(time.monotonic(), live.position / RATE, body))

    for index in range(0, len(samples), step):
        due = live.began + (index + step) / 2 / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        live.departures.append(due)  # where it holds us up, that is its own delay
        live.position = (index + step) // 2
        if recogniser.AcceptWaveform(samples[index : index + step]):
            keep(json.loads(recogniser.Result()))
    keep(json.loads(recogniser.FinalResult()))
    return live
