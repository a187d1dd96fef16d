"""How well voiceprints tell voices apart: the examples' own program over recordings of known speakers.

`scripts/measure.sh eval voices`. Every pair of clips of a set is one trial. The equal error rate (EER)
is where as many pairs of one voice are missed as pairs of two are taken for one.
"""

import collections
import csv
import os
import pathlib
import subprocess
import tempfile
import time

import numpy as np
import onnxruntime
import soundfile

import clips

BIN = pathlib.Path(os.environ["BIN_DIR"])
# Sets of ../shared/data/paralinguistic of which speakers have several clips.
SETS = ["common_voice_6.1_sample", "speechocean762_train"]
CLIPS_A_SPEAKER = 3
RATES = [16_000, 8_000]


def chosen():
    """(set, speaker, path) of up to three clips of every speaker who has two."""
    folder = clips.DATA / "paralinguistic"
    with open(folder / "manifest.tsv", newline="") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    for name in SETS:
        speakers = collections.defaultdict(list)
        for row in rows:
            if row["dataset"] == name:
                speakers[row["speaker"]].append(folder / row["path"])
        for speaker, paths in sorted(speakers.items()):
            if len(paths) > 1:
                yield from ((name, speaker, path) for path in sorted(paths)[:CLIPS_A_SPEAKER])


def narrow(path, to):
    """The same recording as a telephone would have it, written to `to`."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    samples = samples.mean(1)
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / rate) > 3_600] = 0
    low = np.fft.irfft(spectrum, len(samples))
    places = np.arange(0, len(low) - 1, rate / 8_000)
    soundfile.write(to, np.interp(places, np.arange(len(low)), low), 8_000, subtype="ULAW", format="WAV")


def prints(paths):
    """Embeddings [n, 192], and whether each recording had enough speech."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "list.tsv").write_text("".join(f"{path}\n" for path in paths))
        command = [BIN / "examples" / "voiceprints", "--list", folder / "list.tsv", "--audio", "/", "--out", folder]
        subprocess.run(command, check=True, capture_output=True)
        with open(folder / "rows.tsv", newline="") as rows:
            heard = [row["error"] == "-" for row in csv.DictReader(rows, delimiter="\t")]
        return np.load(folder / "embeddings.npy"), np.array(heard)


def equal_error_rate(embeddings, speakers):
    """(EER in percent, its threshold, pairs of one voice, share of such missed and of others taken at 0.35)."""
    likeness = embeddings @ embeddings.T
    same = speakers[:, None] == speakers[None]
    upper = np.triu_indices(len(speakers), 1)
    one, two = np.sort(likeness[upper][same[upper]]), np.sort(likeness[upper][~same[upper]])
    thresholds = np.linspace(-0.2, 1, 2_401)
    missed = np.searchsorted(one, thresholds) / len(one)
    taken = 1 - np.searchsorted(two, thresholds) / len(two)
    at = np.argmin(abs(missed - taken))
    given = np.argmin(abs(thresholds - 0.35))
    return [50 * (missed[at] + taken[at]), thresholds[at], len(one), 100 * missed[given], 100 * taken[given]]


def cost():
    """Milliseconds of one thread for clips of one to four seconds."""
    path = subprocess.run(
        [BIN / "models", "path", "ecapa-voxceleb", "ecapa.onnx"], check=True, capture_output=True, text=True
    ).stdout.strip()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    noise = np.random.default_rng(0).normal(0, 0.05, (1, 64_000)).astype(np.float32)
    for seconds in range(1, 5):
        clip, spent = noise[:, : 16_000 * seconds], []
        for _ in range(12):
            began = time.process_time()
            session.run(None, {"wav": clip})
            spent.append(1_000 * (time.process_time() - began))
        yield [seconds, float(np.median(spent))]


def report():
    trials, rows = list(chosen()), []
    with tempfile.TemporaryDirectory() as folder:
        for rate in RATES:
            paths = [path for _, _, path in trials]
            if rate == 8_000:
                paths = [pathlib.Path(folder) / f"{place}.wav" for place in range(len(trials))]
                for (_, _, path), to in zip(trials, paths):
                    narrow(path, to)
            embeddings, heard = prints(paths)
            for name in SETS:
                of_set = np.array([set_name == name for set_name, _, _ in trials]) & heard
                speakers = np.array([speaker for _, speaker, _ in trials])[of_set]
                scores = equal_error_rate(embeddings[of_set], speakers)
                rows.append([name, rate, len(set(speakers)), int(of_set.sum()), *scores])
    columns = ["set", "rate", "speakers", "clips", "EER %", "at cosine", "pairs of one voice", "missed at 0.35 %", "taken at 0.35 %"]
    clips.table("Voices told apart", columns, rows)
    clips.table("Cost of a voiceprint", ["seconds", "ms of one thread"], list(cost()))
