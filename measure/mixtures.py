"""Conversations mixed from recordings of single speakers, with exact turns."""

import collections
import csv
import dataclasses
import os
import pathlib
import random
import zlib

import numpy
import onnxruntime
import soundfile

from clips import DATA

RATE = 16000
FRAME, CONTEXT = 512, 64
PAUSE_S = 0.3  # a longer pause parts two turns, in the reference and where clips are cut
SOURCES = {
    "read": ["LibriSpeech_train_clean_100", "librispeech_test_other"],
    "learners": ["speechocean762_train"],
    "web": ["common_voice_6.1_sample"],
    "acted": ["nEMO", "EmoDB"],
}


@dataclasses.dataclass
class Piece:
    """Speech between two pauses, and the pause that follows it in the recording."""

    samples: numpy.ndarray
    pause_s: float


@dataclasses.dataclass
class Mixture:
    name: str
    samples: numpy.ndarray
    turns: list  # (start_s, end_s, speaker)
    speakers: int


def models():
    return pathlib.Path(os.environ.get("WHISSLE_MODELS", pathlib.Path.home() / ".cache/whissle-gateway/models"))


def newest(model, file):
    return max(models().glob(f"{model}/*/{file}"), key=lambda path: path.stat().st_mtime)


class Vad:
    """Silero VAD says where speech is, the level where exactly it begins and ends."""

    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(newest("silero-vad", "vad.onnx")), options, providers=["CPUExecutionProvider"])

    def regions(self, samples):
        """(first, last) sample of each stretch of speech without a pause above PAUSE_S."""
        count = len(samples) // FRAME
        if not count:
            return []
        padded = numpy.concatenate([numpy.zeros(CONTEXT), samples]).astype("float32")
        rows = numpy.stack([padded[i * FRAME : i * FRAME + CONTEXT + FRAME] for i in range(count)])
        state = numpy.zeros((2, 1, 128), "float32")
        likely = self.session.run(["probability"], {"frames": rows, "state": state})[0].ravel() > 0.4
        # A frame more at each side, then the level in steps of 10 ms.
        near = numpy.convolve(likely, [1, 1, 1], "same") > 0
        blocks = samples[: len(samples) // 160 * 160].reshape(-1, 160)
        level = 10 * numpy.log10((blocks**2).mean(1) + 1e-10)
        loud = level > numpy.quantile(level, 0.95) - 38
        speech = [bool(loud[i]) and bool(near[min(i * 160 // FRAME, count - 1)]) for i in range(len(level))]
        regions = []
        for i in (i for i, active in enumerate(speech) if active):
            if regions and (i * 160 - regions[-1][1]) / RATE <= PAUSE_S:
                regions[-1][1] = (i + 1) * 160
            else:
                regions.append([i * 160, (i + 1) * 160])
        return [(a, b) for a, b in regions if b - a >= 0.15 * RATE]


def speakers(source):
    """{speaker: paths} of the recordings of a source, with enough of each speaker to converse."""
    found = collections.defaultdict(list)
    with open(DATA / "paralinguistic" / "manifest.tsv", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            if row["dataset"] in SOURCES[source]:
                found[row["dataset"], row["speaker"]].append((DATA / "paralinguistic" / row["path"], float(row["duration_s"] or 3)))
    with open(DATA / "manifest.tsv", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            if row["set"] == "librispeech_test_other" and row["set"] in SOURCES[source]:
                found[row["set"], row["speaker"]].append((DATA / row["path"], float(row["duration_s"])))
    least = 9.0 if source != "web" else 7.5
    return {who: [path for path, _ in clips] for who, clips in sorted(found.items()) if sum(s for _, s in clips) >= least}


def half(source, part):
    """The speakers of one half: those to tune on, or those to report on."""
    everyone = speakers(source)
    # By a sum of the name, so that more recordings do not move speakers.
    wanted = 0 if part == "tune" else 1
    return {who: paths for who, paths in everyone.items() if zlib.crc32(str(who).encode()) % 2 == wanted}


def pieces(vad, path, rng):
    samples, rate = soundfile.read(path, dtype="float32")
    if samples.ndim > 1:
        samples = samples.mean(1)
    samples = resample(samples, rate, RATE)
    regions = vad.regions(samples)
    following = [start for start, _ in regions[1:]] + [None]
    return [
        Piece(samples[start:end], (next_start - end) / RATE if next_start else rng.uniform(0.3, 0.8))
        for (start, end), next_start in zip(regions, following)
    ]


def resample(samples, rate, wanted):
    """Band-limited, by the spectrum of the whole."""
    if rate == wanted:
        return samples
    count = round(len(samples) * wanted / rate)
    spectrum = numpy.fft.rfft(samples)
    out = numpy.zeros(count // 2 + 1, complex)
    kept = min(len(out), len(spectrum))
    out[:kept] = spectrum[:kept]
    return (numpy.fft.irfft(out, count) * wanted / rate).astype("float32")


def telephone(samples):
    """8 kHz and mu-law, as on a telephone line, and back."""
    narrow = numpy.clip(resample(samples, RATE, RATE // 2), -1, 1)
    law = numpy.sign(narrow) * numpy.log1p(255 * numpy.abs(narrow)) / numpy.log(256)
    law = numpy.round(law * 127) / 127
    back = numpy.sign(law) * (numpy.power(256, numpy.abs(law)) - 1) / 255
    return resample(back.astype("float32"), RATE // 2, RATE)[: len(samples)]


def converse(vad, name, people, seed, polite=False, longest_s=150.0):
    """A conversation of these people: {speaker: paths}. Turns of one to three pieces, mostly with
    a gap between them, some with an overlap, now and then a word into another's turn. When they are
    polite, they wait for each other."""
    rng = random.Random(seed)
    material, gains = {}, {}
    for who, paths in people.items():
        paths = list(paths)
        rng.shuffle(paths)
        material[who] = [piece for path in paths[:12] for piece in pieces(vad, path, rng)]
        speech = numpy.concatenate([piece.samples for piece in material[who]])
        gains[who] = 10 ** (rng.uniform(-6, 6) / 20) * 0.05 / (numpy.sqrt((speech**2).mean()) + 1e-9)
    placed, last, previous_start, end = [], None, 0.0, rng.uniform(0.2, 1.5)
    while end < longest_s:
        able = [who for who in material if material[who] and who != last] or [who for who in material if material[who]]
        if not able or (len(able) == 1 and able[0] == last):
            break
        who = rng.choices(able, [len(material[w]) for w in able])[0]
        turn = [material[who].pop(0) for _ in range(min(rng.choice([1, 1, 2, 2, 3]), len(material[who])))]
        length = sum(len(p.samples) / RATE for p in turn) + sum(p.pause_s for p in turn[:-1])
        kind = rng.random()
        if last is None or last == who:
            start = end + rng.uniform(0.4, 1.0)
        elif polite:
            start = end + rng.uniform(0.6, 1.6)
        elif kind < 0.12 and length < 1.5 and end - previous_start > 3:
            start = rng.uniform(previous_start + 0.5, end - length)  # a word within the other's turn
        elif kind < 0.30:
            start = end - min(rng.uniform(0.2, 1.5), 0.5 * length, 0.5 * (end - previous_start))
        elif kind < 0.95:
            start = end + rng.uniform(0.05, 0.9)
        else:
            start = end + rng.uniform(1.0, 3.0)
        # Nobody overlaps with themself.
        mine = [b for a, b, speaker, _ in placed if speaker == who]
        start = max([start, *(b + 0.35 for b in mine)])
        at = start
        for piece in turn:
            placed.append((at, at + len(piece.samples) / RATE, who, piece.samples * gains[who]))
            at += len(piece.samples) / RATE + piece.pause_s
        if at - turn[-1].pause_s > end:
            previous_start, end, last = start, at - turn[-1].pause_s, who
    total = max(b for _, b, _, _ in placed) + rng.uniform(0.2, 1.0)
    mixed = numpy.zeros(int(total * RATE) + 1, "float32")
    for a, _, _, samples in placed:
        first = int(a * RATE)
        mixed[first : first + len(samples)] += samples[: len(mixed) - first]
    noise = numpy.random.default_rng(seed).standard_normal(len(mixed)).astype("float32")
    mixed += noise * 0.05 * 10 ** (-rng.uniform(28, 45) / 20)
    mixed /= max(1.0, float(numpy.abs(mixed).max()) / 0.98)
    turns = [(a, b, "/".join(who)) for a, b, who, _ in placed]
    return Mixture(name, mixed, turns, len({who for _, _, who in turns}))


def mixtures(part, counts=((2, 12), (3, 6), (4, 8), (5, 3), (6, 3)), polite=False):
    """Conversations of a half of the speakers: for each source and number of speakers, as many as
    `counts` says, spread over the sources, and every other one by telephone too."""
    vad = Vad()
    pools = {source: half(source, part) for source in SOURCES}
    made = []
    for speakers_count, number in counts:
        sources = [s for s in SOURCES if len(pools[s]) >= speakers_count]
        for index in range(number):
            source = sources[index % len(sources)]
            seed = zlib.crc32(f"{part} {source} {speakers_count} {index}".encode())
            rng = random.Random(seed)
            chosen = rng.sample(sorted(pools[source]), speakers_count)
            name = f"{source}-{speakers_count}-{index}"
            mixture = converse(vad, name, {who: pools[source][who] for who in chosen}, seed, polite)
            made.append(mixture)
            if index % 2 == 1:
                made.append(dataclasses.replace(mixture, name=name + "-8k", samples=telephone(mixture.samples)))
    return made
