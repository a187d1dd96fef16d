"""Measures all clips of a manifest with the gateway's own code, once, for the training scripts.

    cargo build --release -p speech --example voice_features
    python training/voice/measure.py DATA target/release/examples/voice_features voices.npz

DATA holds manifest.tsv and the clips it names (see README.md). Each clip is measured twice: whole,
and a second and a half from its middle, since calls have many short segments.
"""

import csv
import struct
import subprocess
import sys
import threading

import numpy
import soundfile

EMBEDDING, STATISTICS = 192, 14_336
SHORT = 24_000


def read_manifest(data):
    with open(f"{data}/manifest.tsv", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def clips(data, rows):
    for row in rows:
        samples, rate = soundfile.read(f"{data}/{row['path']}", dtype="float32", always_2d=True)
        assert rate == 16_000, row["path"]
        yield samples.mean(1)


def middle(clip):
    start = max(0, len(clip) - SHORT) // 2
    return clip[start : start + SHORT]


def measure(program, clips, prosody):
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def feed():
        with process.stdin as pipe:
            for clip in clips:
                pipe.write(struct.pack("<I", len(clip)) + clip.astype("<f4").tobytes())

    threading.Thread(target=feed, daemon=True).start()
    width = EMBEDDING + STATISTICS + prosody
    while len(block := process.stdout.read(4 * width)) == 4 * width:
        yield numpy.frombuffer(block, "<f4")
    assert process.wait() == 0 and not block


def main(data, program, out):
    names = subprocess.run([program, "--names"], capture_output=True, text=True, check=True)
    names = names.stdout.split()
    rows = read_manifest(data)
    found = {}
    for kind, cut in ("whole", lambda clip: clip), ("short", middle):
        numbers = measure(program, map(cut, clips(data, rows)), len(names))
        numbers = [(row[:EMBEDDING], row[EMBEDDING:-len(names)].astype("f2"), row[-len(names):]) for row in numbers]
        assert len(numbers) == len(rows)
        for name, part in zip(("embedding", "statistics", "prosody"), zip(*numbers)):
            found[f"{kind}_{name}"] = numpy.array(part)
    numpy.savez(out, paths=[row["path"] for row in rows], names=names, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
