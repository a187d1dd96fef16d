"""Trains and measures the emotion head.

    python training/voice/emotion.py DATA PRINTS models/heads/emotion.safetensors

Trained on EmoDB (acted, German), each clip against the mean of its speaker's emotions. Tested on nEMO
(acted, Polish), nothing of which is in training, in calls made up of clips of one speaker: of so
many other clips, such a share neutral, without saying which.
"""

import sys

import numpy

from common import EVALUATED_ONLY, Linear, calibration_error, fit_temperature, load, save, say, softmax, write_card

BEFORE = """
How a segment sounds against its speaker's other segments: a linear head over the statistics of the second and third
blocks of ECAPA-TDNN (4096 numbers), less those of the speaker. Made by `training/voice/emotion.py`; the data,
their licences and attribution are in [training/voice](../../training/voice/README.md).

Trained on seven actors of EmoDB (German). nEMO (nine actors, Polish) is in no weight, but which statistics, which
intensities and which prior to take was decided with its figures in view. Each clip is scored in made-up calls of its speaker: the first
number is how many other clips the speaker has, the second the share of them that is neutral, which
the head does not know. "Mean recall", the recalls and ECE take the five emotions to be equally likely; "with
the prior" is what ships. The last four columns are as in a call of which eight in ten segments are neutral: share of
segments that get a tag, of these right, share tagged as not neutral, of these right.
"""
AFTER = """
`EMOTION_SURPRISE` has no training data and is absent. Temperature {temperature:.2f}, fitted on held-out actors of EmoDB; no tag
below {threshold}, nor with fewer than {needed} other segments; prior {prior}. Anger is the weakest: half of it is
taken for fear or happiness. Acted speech is clearer than what callers do: expect less. A speaker who is in one mood throughout sounds
neutral. Other channels within a speaker's segments (another telephone, another room) sound like emotions.
"""
STATISTICS = slice(4096, 8192)
NAMES = ["neutral", "happy", "sad", "angry", "fear"]
LABELS = [f"EMOTION_{name.upper()}" for name in NAMES]
TRAINED_ON = "EmoDB"
STRENGTH = 0.01
# Actors overdo it: emotions are learnt at these intensities, 1 being the actors'.
INTENSITIES = [1.0, 0.7, 0.4]
THRESHOLD = 0.6
# Calls are mostly neutral: what the probabilities assume before hearing the segment.
PRIOR = numpy.array([0.6, 0.1, 0.1, 0.1, 0.1])
# How many segments the average of all speakers is worth in a speaker's baseline.
BASELINE_SEGMENTS = 1.0
# With fewer others than this nothing is said: it would be a guess (short segments count less than one).
NEEDED_SEGMENTS = 2.5
# Other clips of the speaker, and the share of them that is neutral.
CALLS = [(1, 0.9), (3, 0.9), (6, 0.9), (6, 0.6), (10, 0.9), (10, 0.6), (10, 0.2), (20, 0.6)]


def differences(acted, intensity):
    """Each clip less the mean of its speaker's kinds, all emotions being turned down to `intensity`."""
    x = acted.x.copy()
    for speaker in numpy.unique(acted.speaker):
        here = acted.speaker == speaker
        kinds = {kind: here & (acted.emotion == kind) for kind in numpy.unique(acted.emotion[here])}
        moved = here & ~kinds["neutral"]
        neutral = x[kinds["neutral"]].mean(0)
        x[moved] = neutral + intensity * (x[moved] - neutral)
        x[here] -= numpy.mean([x[kind].mean(0) for kind in kinds.values()], 0)
    return x


class Model:
    def __init__(self, acted, read):
        """`acted` are clips with emotions, `read` neutral ones of many speakers and lines."""
        known = numpy.isin(acted.emotion, NAMES)
        self.x = numpy.concatenate([differences(acted, strength)[known] for strength in INTENSITIES])
        targets = numpy.tile((acted.emotion[known, None] == NAMES).astype("f4"), (len(INTENSITIES), 1))
        weights = (targets / targets.sum(0)).sum(1) * len(targets)
        self.linear = Linear(self.x, targets, weights, STRENGTH)
        # Readers are neutral, so the average of all moods is theirs less what neutral adds.
        neutral = self.x[targets[:, 0] > 0].mean(0)
        self.baseline = (read.x.mean(0) - neutral) @ self.linear.weight.T

    def logits(self, features, clip, others):
        usual = (features[others].sum(0) + BASELINE_SEGMENTS * self.baseline) / (len(others) + BASELINE_SEGMENTS)
        trust = len(others) / (len(others) + BASELINE_SEGMENTS)
        return (features[clip] - usual) * trust + self.linear.bias


def calls(clips, count, neutral_share, seed=1, repeats=3):
    """(clip, others): every clip of a known emotion in some made-up calls of its speaker."""
    random = numpy.random.default_rng(seed)
    for clip in numpy.flatnonzero(numpy.isin(clips.emotion, NAMES)):
        rest = (clips.speaker == clips.speaker[clip]) & (numpy.arange(len(clips)) != clip)
        neutral, moved = (numpy.flatnonzero(rest & kind) for kind in (clips.emotion == "neutral", clips.emotion != "neutral"))
        for _ in range(repeats if count else 1):
            calm = random.binomial(count, neutral_share)
            yield clip, numpy.concatenate([random.choice(group, min(size, len(group)), replace=False)
                                           for group, size in ((neutral, calm), (moved, count - calm))])


def run(model, clips, count, share):
    features = clips.x @ model.linear.weight.T
    pairs = list(calls(clips, count, share))
    logits = numpy.array([model.logits(features, clip, others) for clip, others in pairs])
    return logits, (clips.emotion[[clip for clip, _ in pairs], None] == NAMES).astype("f4")


def recalls(logits, targets):
    right = targets[numpy.arange(len(targets)), logits.argmax(1)]
    return numpy.array([right[targets[:, label] > 0].mean() for label in range(len(NAMES))])


def report(name, logits, targets, temperature):
    even, shipped = softmax(logits / temperature), softmax(logits / temperature + numpy.log(PRIOR / 0.2))
    found = recalls(even, targets)
    # As in a call: eight of ten segments neutral.
    share = numpy.where(targets[:, 0] > 0, 0.8 / targets[:, 0].sum(), 0.2 / targets[:, 1:].sum())
    guess, said = shipped.argmax(1), shipped.max(1) >= THRESHOLD
    right = targets[numpy.arange(len(targets)), guess]
    moved = said & (guess > 0)
    average = lambda values, chosen: numpy.average(values[chosen], weights=share[chosen]) if chosen.any() else 0
    say(f"| {name} | {found.mean():.3f} | {' / '.join(f'{r:.2f}' for r in found)} | {recalls(shipped, targets).mean():.3f} | "
          f"{calibration_error(even, targets):.3f} | {numpy.average(said, weights=share):.2f} | {average(right, said):.2f} | "
          f"{numpy.average(moved, weights=share):.3f} | {average(right, moved):.2f} |")
    return found.mean(), average(right, said)


def main(data, prints, out):
    clips = load(data, prints, STATISTICS)
    acted, test = (clips[clips.dataset == name] for name in (TRAINED_ON, EVALUATED_ONLY))
    read = clips[~numpy.isin(clips.dataset, [TRAINED_ON, EVALUATED_ONLY])]

    # Each actor with nothing of them in training: what calibration is fitted on.
    held = {call: [] for call in CALLS}
    for speaker in numpy.unique(acted.speaker):
        model = Model(acted[acted.speaker != speaker], read)
        for call in CALLS:
            held[call].append((model, acted[acted.speaker == speaker]))
    together = lambda call: [numpy.concatenate(part) for part in zip(*(run(m, c, *call) for m, c in held[call]))]
    even = lambda targets: (targets / targets.sum(0)).sum(1)
    logits, targets = (numpy.concatenate(part) for part in zip(*(together(call) for call in CALLS if call[0] >= 3)))
    temperature = fit_temperature(logits, targets, even(targets))

    head = ("| clips, other clips of the speaker, share neutral | mean recall | " + " / ".join(NAMES) +
            " | with the prior | ECE | said | right of said | not neutral said | right of these |\n|" + "---|" * 9)
    say(head)
    for call in CALLS:
        report(f"EmoDB, actors held out, {call[0]}, {call[1]}", *together(call), temperature)
    model = Model(acted, read)
    # For comparison: the average voice instead of the speaker's.
    known = numpy.isin(test.emotion, NAMES)
    alone = test.x[known] @ model.linear.weight.T - model.baseline + model.linear.bias
    report("nEMO, the average voice for the speaker's", alone, (test.emotion[known, None] == NAMES).astype("f4"), temperature)
    for call in CALLS:
        found = report(f"nEMO, {call[0]}, {call[1]}", *run(model, test, *call), temperature)
        if call == (10, 0.9):
            figures = dict(zip(("macro_recall_nemo_10_others", "right_of_tagged_nemo_10_others"), found))
    features = test.x @ model.linear.weight.T
    everything = [(clip, numpy.flatnonzero((test.speaker == test.speaker[clip]) & (numpy.arange(len(test)) != clip)))
                  for clip in numpy.flatnonzero(numpy.isin(test.emotion, NAMES))]
    logits = numpy.array([model.logits(features, *pair) for pair in everything])
    report("nEMO, all other clips", logits, (test.emotion[[c for c, _ in everything], None] == NAMES).astype("f4"), temperature)

    features = read.x @ model.linear.weight.T
    groups = {s: numpy.flatnonzero(read.speaker == s) for s in numpy.unique(read.speaker)}
    pairs = [(c, g[g != c]) for g in groups.values() if len(g) >= 4 for c in g]
    shipped = softmax(numpy.array([model.logits(features, *pair) for pair in pairs]) / temperature + numpy.log(PRIOR / 0.2))
    moved = (shipped.argmax(1) > 0) & (shipped.max(1) >= THRESHOLD)
    say(f"\nNeutral reading, {len(pairs)} clips of speakers with four or more: {moved.mean():.3f} tagged as not neutral.")

    model.linear.bias += temperature * numpy.log(PRIOR / 0.2)
    save(out, model.linear, model.x, LABELS, temperature, THRESHOLD, STATISTICS.start, {"baseline": model.baseline},
         baseline_segments=BASELINE_SEGMENTS, needed_segments=NEEDED_SEGMENTS, absent='["EMOTION_SURPRISE"]', figures=figures)
    write_card(out, "emotion", BEFORE, AFTER.format(temperature=temperature, needed=NEEDED_SEGMENTS, threshold=THRESHOLD, prior=PRIOR.tolist()))


if __name__ == "__main__":
    main(*sys.argv[1:])
