"""The peers of synthesis on the same weights: kokoro-onnx and sherpa-onnx, in this process."""

import functools
import json
import pathlib
import subprocess
import tempfile
import time

import numpy as np

from speech_client import AUDIBLE, RATE
from stack import BIN

VOICE = "af_heart"


@functools.cache
def model(name):
    """The folder of an installed model."""
    found = subprocess.run([BIN / "models", "path", name], check=True, capture_output=True, text=True)
    return pathlib.Path(found.stdout.strip())


def styles():
    """[rows, 1, 256] of each voice."""
    index = json.loads((model("kokoro-82m") / "voices.json").read_text())
    values = np.fromfile(model("kokoro-82m") / "voices.bin", "<f4")
    return dict(zip(index["voices"], values.reshape(len(index["voices"]), index["rows"], 1, index["width"])))


def kokoro_onnx(weights, threads):
    """text -> samples."""
    import kokoro_onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    graph = str(model("kokoro-82m-originals") / weights)
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/voices.npz", **styles())
        kokoro = kokoro_onnx.Kokoro.from_session(session, f"{folder}/voices.npz")
        kokoro.voices = {VOICE: kokoro.voices[VOICE]}
    return lambda text: kokoro.create(text, voice=VOICE, lang="en-us")[0]


def field(number, value):
    """A field of bytes in Protocol Buffers."""
    length, size = len(value), bytearray()
    while length > 127:
        size.append(length & 127 | 128)
        length >>= 7
    return bytes([number << 3 | 2, *size, length]) + value


def sherpa_onnx(weights, threads):
    """text -> samples. Its folder is made of the same graph, with the properties that it asks for.
    It has no phonemes of its own for running text: it gets those of kokoro-onnx."""
    import kokoro_onnx.tokenizer
    import sherpa_onnx

    voices = styles()
    names = list(voices)
    properties = {
        "model_type": "kokoro", "language": "English", "has_espeak": 1, "voice": "en-us", "sample_rate": RATE,
        "version": 1, "n_speakers": len(names), "speaker_names": ",".join(names),
        "style_dim": ",".join(map(str, voices[VOICE].shape)),
    }  # fmt: skip
    folder = tempfile.TemporaryDirectory(prefix="whissle-sherpa-")
    place = pathlib.Path(folder.name)
    graph = (model("kokoro-82m-originals") / weights).read_bytes()
    # A message may be continued: what is appended counts as fields of the model (14 is metadata_props).
    entries = (field(14, field(1, key.encode()) + field(2, str(value).encode())) for key, value in properties.items())
    (place / "model.onnx").write_bytes(graph + b"".join(entries))
    np.concatenate([voices[name].ravel() for name in names]).astype("<f4").tofile(place / "voices.bin")
    vocabulary = json.loads((model("kokoro-82m") / "vocabulary.json").read_text())
    symbols = vocabulary.get("vocab", vocabulary)
    (place / "tokens.txt").write_text("".join(f"{symbol} {number}\n" for symbol, number in symbols.items()), encoding="utf-8")
    config = sherpa_onnx.OfflineTtsConfig(
        model=sherpa_onnx.OfflineTtsModelConfig(
            kokoro=sherpa_onnx.OfflineTtsKokoroModelConfig(
                model=str(place / "model.onnx"),
                voices=str(place / "voices.bin"),
                tokens=str(place / "tokens.txt"),
            ),
            num_threads=threads,
        ),
        max_num_sentences=1,
    )
    if not config.validate():
        raise RuntimeError("sherpa-onnx does not take the folder")
    tts = sherpa_onnx.OfflineTts(config)
    folder.cleanup()
    tokenizer = kokoro_onnx.tokenizer.Tokenizer()
    request = sherpa_onnx.GenerationConfig()
    request.sid = names.index(VOICE)

    def say(text):
        request.phoneme_codepoints = [[ord(sound) for sound in tokenizer.phonemize(text, "en-us")]]
        made = tts.generate(text, request)
        if made.sample_rate != RATE or not len(made.samples):
            raise RuntimeError("sherpa-onnx said nothing")
        return np.asarray(made.samples, np.float32)

    return say


def timed(say, texts):
    """[(wall seconds, seconds of sound, seconds before anything can be heard)] of each text, warm."""
    say(texts[0])
    results = []
    for text in texts:
        began = time.monotonic()
        samples = say(text)
        took = time.monotonic() - began
        loud = np.abs(samples) > AUDIBLE
        results.append((took, len(samples) / RATE, float(np.argmax(loud)) / RATE if loud.any() else 0.0))
    return results
