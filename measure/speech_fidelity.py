"""How far speech made in windows is from the whole sentence made at once, and whether windows can be heard."""

import collections
import functools
import json
import pathlib
import random
import statistics
import sys
import tempfile

import numpy as np
import soundfile

import clips
from speech_round_trip import example
from speech_texts import FIDELITY_VOICES, LANGUAGE_OF, LENGTHS, of_length, sentences

RATE = 24000
FFT, HOP, BANDS = 1024, 256, 80
NEAR = RATE // 20  # samples around a join that are "local": 50 ms on either side
STEP = 4 / 32768  # smaller differences than this are rounding


@functools.cache
def bank():
    """[80, 513]: triangles evenly spaced on Slaney's mel scale, each of unit area."""
    linear, edge, log = 200 / 3, 1000.0, np.log(6.4) / 27
    top = edge / linear + np.log(RATE / 2 / edge) / log
    mels = np.linspace(0, top, BANDS + 2)
    hertz = np.where(mels < edge / linear, mels * linear, edge * np.exp(log * (mels - edge / linear)))
    bins = np.fft.rfftfreq(FFT, 1 / RATE)
    up = (bins - hertz[:-2, None]) / np.diff(hertz)[:-1, None]
    down = (hertz[2:, None] - bins) / np.diff(hertz)[1:, None]
    return np.maximum(0, np.minimum(up, down)) * (2 / (hertz[2:] - hertz[:-2]))[:, None]


def mel(samples):
    """[80, frames] in dB, no more than 80 below the loudest, none below -60."""
    padded = np.pad(samples, FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    power = bank() @ (np.abs(np.fft.rfft(frames * window)) ** 2).T
    decibels = 10 * np.log10(np.maximum(power, 1e-6))
    return np.maximum(decibels, decibels.max() - 80)


def distance(ours, whole):
    """Mean absolute difference in dB over all bands and frames."""
    return float(np.abs(mel(ours) - mel(whole)).mean())


def steps(samples, joins):
    """Of each join, its largest second difference over the 99.9th percentile of those around it."""
    bend = np.abs(np.diff(samples, 2))  # bend[i] is about samples i, i + 1, i + 2
    ratios = []
    for join in joins:
        here = bend[join - 2 : join]
        around = np.concatenate([bend[max(0, join - NEAR) : join - 4], bend[join + 2 : join + NEAR]])
        if len(here) and len(around):
            ratios.append(float(here.max() / max(np.quantile(around, 0.999), STEP)))
    return ratios


def texts(voices, lengths_each):
    """(voice, text): every voice with some of the lengths, all of them by turns."""
    dice = random.Random(4)
    every = max(1, len(LENGTHS) // lengths_each)
    for place, voice in enumerate(voices):
        language = LANGUAGE_OF[voice[0]]
        if not sentences(language):
            print(f"{voice}: no sentences of `{language}`", file=sys.stderr)
            continue
        for length in LENGTHS[place % every :: every]:
            yield voice, of_length(language, length, dice)


def kind(length):
    """The row of a length in the table."""
    return next(f"up to {edge}" for edge in (10, 25, 60, 130, 250, 400) if length <= edge)


def table(title, groups):
    """Median and worst of each group of (distance, ratios of ours, ratios of the whole)."""
    rows = []
    for name, results in groups.items():
        distances = [result[0] for result in results]
        ours, whole = ([ratio for result in results for ratio in result[side]] for side in (1, 2))
        above = lambda ratios: f"{sum(ratio > 1 for ratio in ratios)} of {len(ratios)}"
        rows.append([name, len(results), statistics.median(distances), max(distances), above(ours), above(whole), max(ours, default=0.0)])
    columns = ["", "texts", "mel distance median dB", "worst", "joins above the local level", "the same places in the whole", "highest"]
    clips.table(title, columns, rows)


def report(arguments=()):
    """Arguments: `quick` for fewer texts, `half` for the generator in half precision, or voices."""
    words = {"quick", "half"}
    voices = [a for a in arguments if a not in words] or FIDELITY_VOICES
    lines = list(texts(voices, 4 if "quick" in arguments else 7))
    by_voice, by_length, results = collections.defaultdict(list), collections.defaultdict(list), []
    with tempfile.TemporaryDirectory(prefix="whissle-fidelity-") as folder:
        example("fidelity", folder, lines, *words.intersection(arguments) - {"quick"})
        for entry in map(json.loads, open(pathlib.Path(folder) / "index.jsonl", encoding="utf-8")):
            number = entry["number"]
            ours, whole = (soundfile.read(f"{folder}/{number:04}{ending}")[0] for ending in (".wav", ".whole.wav"))
            result = distance(ours, whole), steps(ours, entry["joins"]), steps(whole, entry["joins"])
            by_voice[entry["voice"]].append(result)
            by_length[kind(len(entry["text"]))].append(result)
            results.append((result, entry))
    table("Windows with predicted statistics against the whole sentence: by voice", by_voice)
    order = sorted(by_length.items(), key=lambda item: int(item[0].split()[-1]))
    table("By characters of the text", dict(order))
    table("All (goals: median <= 1.0 dB, worst <= 2.0 dB)", {"all": [result for result, _ in results]})
    print("\nFarthest:")
    for result, entry in sorted(results, key=lambda item: -item[0][0])[:8]:
        print(f"  {result[0]:.2f} dB {entry['voice']}: {entry['text'][:70]!r}")
