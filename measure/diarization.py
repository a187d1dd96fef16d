"""`make eval`, part `diarization`: who speaks when, on mixtures with exact turns and on a real
recording, and the speakers of the same as streams.

    scripts/measure.sh eval diarization            the half of the speakers that nothing was tuned on
    scripts/measure.sh eval diarization tune       the other half, and the curve over the threshold
"""

import collections
import os
import pathlib
import subprocess
import tempfile

import numpy
import soundfile

import clips
import diarization_score as score
import mixtures

TOOL = pathlib.Path(os.environ.get("BIN_DIR", "target/release")) / "examples" / "diarize"
THRESHOLDS = [0.45, 0.5, 0.55, 0.6, 0.65, 0.7]


def sample():
    folder = clips.DATA / "pyannote_sample"
    samples, _ = soundfile.read(folder / "sample.wav", dtype="float32")
    turns = score.rttm(folder / "sample.rttm")
    return mixtures.Mixture("sample", samples, turns, len({who for _, _, who in turns}))


def run(made, *arguments):
    """{column 2: {name: rows}} that the tool prints for the mixtures, and seconds of models, of the
    rest, of audio, and the share embedded."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    spent = numpy.zeros(4)
    with tempfile.TemporaryDirectory(prefix="whissle-diarization-") as folder:
        paths = []
        for mixture in made:
            paths.append(f"{folder}/{mixture.name}.wav")
            soundfile.write(paths[-1], mixture.samples, mixtures.RATE, subtype="PCM_16")
        done = subprocess.run([TOOL, *arguments, *paths], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        path, threshold, start, end, *rest = line.split("\t")
        found[threshold][pathlib.Path(path).stem].append((float(start), float(end), *rest))
    for line in done.stderr.splitlines():
        words = line.split("\t")[-1].split()
        if "embedded" in words:
            seconds = float(words[0])
            spent += [float(words[3]), float(words[7]), seconds, seconds * float(words[9]) / 100]
    return found, spent


def groups(mixture):
    """Rows of the table that a mixture counts in."""
    if mixture.name == "sample":
        return ["sample"]
    source, count = mixture.name.split("-")[:2]
    telephone = mixture.name.endswith("-8k")
    if source in mixtures.STRESS:
        return [f"stress: {source}", "stress: all", *(["stress: telephone"] if telephone else [])]
    return [f"{count} speakers", source, *(["telephone"] if telephone else []), "all mixtures"]


def summed(made, found):
    """{group: errors, number of speakers right, mixtures}."""
    sums = collections.defaultdict(lambda: numpy.zeros(6))
    for mixture in made:
        turns = [row[:3] for row in found[mixture.name]]
        right = len({who for _, _, who in turns}) == mixture.speakers
        for group in groups(mixture):
            sums[group] += [*score.errors(mixture.turns, turns), right, 1]
    return sums


def heard_of(made):
    """What the mixtures are: how long, how much of each speaker, how much overlaps."""
    rows = collections.defaultdict(lambda: ([], [], numpy.zeros(2)))
    for mixture in made:
        seconds, lengths, overlap = rows[mixture.name.split("-")[0]]
        active, _ = score.grid(mixture.turns, round(max(end for _, end, _ in mixture.turns) / score.STEP_S) + 1)
        seconds += list(active.sum(0) * score.STEP_S)
        lengths.append(len(mixture.samples) / mixtures.RATE)
        overlap += [(active.sum(1) > 1).sum(), active.any(1).sum()]
    clips.table(
        "Mixtures: seconds of a file and of a speaker (median), share of speech that overlaps (%)",
        ["set", "files", "file s", "speaker s", "overlap"],
        [[n, len(b), float(numpy.median(b)), float(numpy.median(a)), float(100 * o[0] / o[1])] for n, (a, b, o) in sorted(rows.items())],
    )


def batch(made, part):
    found, spent = run(made)
    (_, rows), = found.items()
    table = [
        [group, int(e[5]), score.rate(e), *(float(100 * x / e[3]) for x in e[:3]), f"{int(e[4])} of {int(e[5])}"]
        for group, e in sorted(summed(made, rows).items())
    ]
    clips.table(
        f"Diarization error rate (%), no collar, overlaps scored; speakers to {part} on",
        ["set", "files", "DER", "missed", "false", "confused", "number of speakers right"],
        table,
    )
    models, rest, audio, embedded = spent
    clips.table(
        "What it cost",
        ["audio s", "models, of real time", "the rest, of real time", "embedded, share of audio"],
        [[audio, f"{models / audio:.4f}", f"{rest / audio:.6f}", embedded / audio]],
    )
    calibration(made, rows)


def calibration(made, rows):
    """Whether turns are as often right as their confidence says."""
    bins = collections.defaultdict(list)
    for mixture in made:
        turns = rows[mixture.name]
        reference = mixture.turns
        steps = round(max([end for _, end, *_ in reference + turns] + [0]) / score.STEP_S) + 1
        said, names = score.grid(reference, steps)
        heard, labels = score.grid([row[:3] for row in turns], steps)
        if not labels:
            continue
        pairs = score.best_pairs((said[:, :, None] & heard[:, None, :]).sum(0))
        name_of = {labels[b]: a for a, b in pairs}
        for start, end, who, confidence in turns:
            within = said[round(start / score.STEP_S) : round(end / score.STEP_S)].sum(0)
            if within.sum():
                right = who in name_of and within[name_of[who]] >= 0.5 * within.max()
                bins[min(int(float(confidence) * 10), 9)].append((float(confidence), right))
    total = sum(len(group) for group in bins.values())
    error = sum(abs(sum(c for c, _ in group) - sum(r for _, r in group)) for group in bins.values()) / max(total, 1)
    clips.table(
        f"Confidence of turns against being right (expected calibration error {error:.3f})",
        ["confidence", "turns", "mean confidence", "share right"],
        [[f"{b / 10:.1f}-{(b + 1) / 10:.1f}", len(g), sum(c for c, _ in g) / len(g), sum(r for _, r in g) / len(g)] for b, g in sorted(bins.items())],
    )


def curve(made):
    found, _ = run(made, "--thresholds", ",".join(map(str, THRESHOLDS)))
    columns = ["2 speakers", "4 speakers", *mixtures.SOURCES, "sample", "all mixtures", "stress: all"]
    table = []
    for threshold, rows in found.items():
        sums = summed(made, rows)
        right = sums["all mixtures"][4] / sums["all mixtures"][5]
        table.append([threshold, *(float(score.rate(sums[c])) if c in sums else "" for c in columns), f"{100 * right:.0f} %"])
    clips.table("DER (%) over the clustering threshold", ["threshold", *columns, "number right"], table)


def live(made):
    """Share of utterances of one speaker that got the right number: at once, and after late
    corrections. One that is not split though speakers alternate in it has no right answer, and is
    left out."""
    found, _ = run(made, "--live")
    sums = collections.defaultdict(lambda: numpy.zeros(4))
    for mixture in made:
        spans = found["live"][mixture.name]
        for late in (0, 1):
            votes = collections.defaultdict(collections.Counter)
            kept = 0
            for start, end, at_once, _, corrected in spans:
                shares = collections.Counter()
                for a, b, who in mixture.turns:
                    shares[who] += max(0.0, min(b, end) - max(a, start))
                who, seconds = shares.most_common(1)[0]
                if seconds >= 0.8 * sum(shares.values()) > 0:
                    kept += 1
                    votes[corrected if late else at_once][who] += 1
            people = sorted({who for counts in votes.values() for who in counts})
            common = numpy.array([[votes[label][who] for label in sorted(votes)] for who in people])
            right = sum(common[a, b] for a, b in score.best_pairs(common)) if kept else 0
            for group in groups(mixture):
                sums[group][late] += right
                sums[group][2] += kept * (1 - late)
                sums[group][3] += len(spans) * (1 - late)
    clips.table(
        "Live, speakers who wait for each other: utterances with the right speaker (%)",
        ["set", "utterances", "of one speaker", "at once", "after late corrections"],
        [[g, int(e[3]), int(e[2]), *(float(100 * x / max(e[2], 1)) for x in e[:2])] for g, e in sorted(sums.items())],
    )


def split(made):
    """What a stream's labels are worth where people do not wait for each other: who speaks at each
    moment, with one speaker an utterance, and with utterances split where speakers alternate."""
    table = collections.defaultdict(list)
    for arguments in (["--live", "--whole"], ["--live"]):
        rows = run(made, *arguments)[0]["live"]
        for group, e in sorted(summed(made, rows).items()):
            table[group] += [float(score.rate(e)), *(float(100 * x / e[3]) for x in e[:3])]
    columns = ["error", "missed", "false", "confused"]
    clips.table(
        "Live, speakers who interrupt each other: error rate (%) with whole utterances, and with split ones",
        ["set", *columns, *(f"split: {column}" for column in columns)],
        [[group, *rates] for group, rates in table.items()],
    )


def report(arguments):
    part = "tune" if "tune" in arguments else "report"
    made = mixtures.mixtures(part) + mixtures.stress(part) + [sample()]
    heard_of(made)
    if part == "tune":
        curve(made)
    batch(made, part)
    split(made)
    live(mixtures.mixtures(part, polite=True) + mixtures.stress(part, polite=True))
