"""Encoder states of all speech, 16-bit floats, on disk: the fourth layer's output and the last state.

    features.py DATA WORK ENCODER
"""

import json
import sys

import numpy
import onnxruntime
import soundfile

from corpus import clips

RATE = 16_000
LONGEST_S = 20


def encoder(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def read(path):
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    samples = samples.mean(1)
    return samples if rate == RATE else faster(samples, rate / RATE)


def faster(samples, factor):
    at = numpy.arange(int(len(samples) / factor)) * factor
    return numpy.interp(at, numpy.arange(len(samples)), samples).astype("f4")


def worse(samples, random):
    """Another level, an echo, noise."""
    gain = 10 ** (random.uniform(-12, 3) / 20) * 0.6
    samples = samples * gain / max(1e-3, numpy.abs(samples).max())
    if random.random() < 0.6:
        length = int(RATE * random.uniform(0.05, 0.25))
        echo = numpy.exp(-numpy.arange(length) / (length / 6)) * random.standard_normal(length) * random.uniform(0.02, 0.12)
        echo[0] = 1
        samples = numpy.convolve(samples, echo)[: len(samples)]
    if random.random() < 0.8:
        noise = random.standard_normal(len(samples))
        if random.random() < 0.5:
            noise = numpy.convolve(noise, [0.25] * 4, "same")
        samples = samples + noise * numpy.sqrt(numpy.mean(samples**2)) * 10 ** (-random.uniform(12, 35) / 20)
    return samples.astype("f4")


def jobs(data, work, random):
    """(name of the set, path, key, factor of speed, whether to make it worse)."""
    for row in clips(data):
        path = f"{data}/{row['path']}"
        yield "real", path, row["path"], 1.0, False
        yield "real", path, row["path"], float(random.choice([0.9, 1.1])), True
    with open(f"{work}/flite.jsonl", encoding="utf-8") as file:
        for row in map(json.loads, file):
            yield "flite", row["path"], row["path"], float(random.uniform(0.93, 1.09)), True


def main(data, work, path):
    random = numpy.random.default_rng(3)
    session = encoder(path)
    states = {name: open(f"{work}/feat.{name}.bin", "wb") for name in ("real", "flite")}
    rows = {name: open(f"{work}/feat.{name}.jsonl", "w", encoding="utf-8") for name in states}
    offsets = dict.fromkeys(states, 0)
    for name, path, key, factor, spoil in jobs(data, work, random):
        samples = read(path)
        if factor != 1:
            samples = faster(samples, factor)
        if spoil:
            samples = worse(samples, random)
        if len(samples) > RATE * LONGEST_S:
            continue
        samples = numpy.pad(samples, (0, max(0, RATE // 2 - len(samples))))
        (states,) = session.run(["states"], {"input_values": samples[None]})
        both = states[0].astype("f2")
        states[name].write(both.tobytes())
        row = {"key": key, "off": offsets[name], "n": len(both), "kind": "noisy" if spoil else "clean"}
        print(json.dumps(row), file=rows[name], flush=True)
        offsets[name] += len(both)


if __name__ == "__main__":
    main(*sys.argv[1:])
