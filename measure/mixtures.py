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
CUT_S = 0.3  # clips are cut at longer pauses into the pieces that turns are made of
FILLED_S = 0.5  # shorter pauses of a speaker are within the turn, as annotators have it
MARGIN_S = 0.1  # of the recording around a piece that goes with it, so that no word is cut hard
LIKELY = 0.5  # Silero's probability from which a frame is speech
LAG_S = 0.032  # how late Silero is: 28 ms at both ends (median) against the level in studio recordings
CORPORA = {
    "read": ["LibriSpeech_train_clean_100", "librispeech_test_other"],
    "web": ["common_voice_6.1_sample"],
    "neutral": ["nEMO", "EmoDB"],
    "acted": ["nEMO", "EmoDB"],
    "learners": ["speechocean762_train"],
    "brief": ["common_voice_6.1_sample"],
}
# What is like a call, and what is harder than that on purpose.
SOURCES = ["read", "web", "neutral"]
STRESS = ["acted", "learners", "brief"]
# Seconds of recordings that each speaker has, pauses included (LibriSpeech's have 12 s or less).
SECONDS = {"read": (11.5, 99), "web": (18.0, 99), "neutral": (14.0, 99), "acted": (15.0, 999), "learners": (12.0, 99), "brief": (7.0, 12.0)}


@dataclasses.dataclass
class Piece:
    """Speech between two pauses, the recording around it, and the pause that follows it."""

    samples: numpy.ndarray
    before_s: float
    speech_s: float
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
    """Where speech begins and ends, by Silero VAD: it does not go by the level."""

    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(newest("silero-vad", "vad.onnx")), options, providers=["CPUExecutionProvider"])

    def regions(self, samples):
        """(start_s, end_s) of each stretch of speech without a pause above CUT_S."""
        count = len(samples) // FRAME
        if not count:
            return []
        padded = numpy.concatenate([numpy.zeros(CONTEXT), samples]).astype("float32")
        rows = numpy.stack([padded[i * FRAME : i * FRAME + CONTEXT + FRAME] for i in range(count)])
        state = numpy.zeros((2, 1, 128), "float32")
        likely = self.session.run(["probability"], {"frames": rows, "state": state})[0].ravel() >= LIKELY
        regions = []
        for frame in numpy.flatnonzero(likely):
            start, end = max(frame * FRAME / RATE - LAG_S, 0.0), (frame + 1) * FRAME / RATE - LAG_S
            if regions and start - regions[-1][1] <= CUT_S:
                regions[-1][1] = end
            else:
                regions.append([start, end])
        return [(a, b) for a, b in regions if b - a >= 0.15]


def speakers(source):
    """{speaker: paths} of the recordings of a source, with enough of each speaker to converse."""
    found = collections.defaultdict(list)
    with open(DATA / "paralinguistic" / "manifest.tsv", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            if source == "neutral" and row["emotion"] != "neutral":
                continue
            if row["dataset"] in CORPORA[source]:
                found[row["dataset"], row["speaker"]].append((DATA / "paralinguistic" / row["path"], float(row["duration_s"] or 3)))
    with open(DATA / "manifest.tsv", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            if row["set"] == "librispeech_test_other" and row["set"] in CORPORA[source]:
                found[row["set"], row["speaker"]].append((DATA / row["path"], float(row["duration_s"])))
    least, most = SECONDS[source]
    return {who: [path for path, _ in clips] for who, clips in sorted(found.items()) if least <= sum(s for _, s in clips) <= most}


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
    made = []
    for place, (start, end) in enumerate(regions):
        pause = regions[place + 1][0] - end if place + 1 < len(regions) else None
        before = min(MARGIN_S, start, (start - regions[place - 1][1]) / 2 if place else start)
        after = min(MARGIN_S, (pause or 2 * MARGIN_S) / 2)
        cut = samples[int((start - before) * RATE) : int((end + after) * RATE)].copy()
        fade = numpy.linspace(0, 1, int(0.02 * RATE))
        if len(cut) > 2 * len(fade):
            cut[: len(fade)] *= fade
            cut[-len(fade) :] *= fade[::-1]
        made.append(Piece(cut, before, end - start, pause or rng.uniform(0.3, 0.8)))
    return made


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
        length = sum(p.speech_s for p in turn) + sum(p.pause_s for p in turn[:-1])
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
            placed.append((at, at + piece.speech_s, who, (at - piece.before_s, piece.samples * gains[who])))
            at += piece.speech_s + piece.pause_s
        if at - turn[-1].pause_s > end:
            previous_start, end, last = start, at - turn[-1].pause_s, who
    total = max(b for _, b, _, _ in placed) + rng.uniform(0.2, 1.0)
    mixed = numpy.zeros(int(total * RATE) + 1, "float32")
    for *_, (from_s, samples) in placed:
        first = max(int(from_s * RATE), 0)
        mixed[first : first + len(samples)] += samples[: len(mixed) - first]
    noise = numpy.random.default_rng(seed).standard_normal(len(mixed)).astype("float32")
    mixed += noise * 0.05 * 10 ** (-rng.uniform(28, 45) / 20)
    mixed /= max(1.0, float(numpy.abs(mixed).max()) / 0.98)
    turns = filled([(a, b, "/".join(who)) for a, b, who, _ in placed])
    return Mixture(name, mixed, turns, len({who for _, _, who in turns}))


def filled(turns):
    """Turns of one speaker with pauses shorter than FILLED_S between them are one."""
    merged, last = [], {}
    for start, end, who in sorted(turns):
        if who in last and start - merged[last[who]][1] < FILLED_S:
            merged[last[who]][1] = max(end, merged[last[who]][1])
        else:
            last[who] = len(merged)
            merged.append([start, end, who])
    return [tuple(turn) for turn in merged]


def mixtures(part, sources=SOURCES, counts=((2, 12), (3, 6), (4, 9), (5, 3), (6, 3)), polite=False):
    """Conversations of a half of the speakers: for each number of speakers as many as `counts`
    says, spread over the sources, and every other one by telephone too."""
    vad = Vad()
    pools = {source: half(source, part) for source in sources}
    made = []
    for speakers_count, number in counts:
        able = [s for s in sources if len(pools[s]) >= speakers_count]
        for index in range(number):
            source = able[index % len(able)]
            seed = zlib.crc32(f"{part} {source} {speakers_count} {index}".encode())
            rng = random.Random(seed)
            chosen = rng.sample(sorted(pools[source]), speakers_count)
            name = f"{source}-{speakers_count}-{index}"
            mixture = converse(vad, name, {who: pools[source][who] for who in chosen}, seed, polite)
            made.append(mixture)
            if index % 2 == 1:
                made.append(dataclasses.replace(mixture, name=name + "-8k", samples=telephone(mixture.samples)))
    return made


def stress(part, polite=False):
    """Harder than calls: one voice in five emotions, many in one room, a few seconds of each."""
    return mixtures(part, STRESS, ((2, 9), (3, 3), (4, 6)), polite)
