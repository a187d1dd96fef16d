"""Trains and measures the age head.

    python training/voice/age.py DATA PRINTS models/heads/age.safetensors

Ages are exact (speechocean762, EmoDB) or decades (Common Voice); a decade that straddles two buckets
counts for both, by its years. Prints held-out figures of speaker-disjoint folds, and of
languages of Common Voice of which nothing was in training.
"""

import sys

import numpy

from common import BLOCK_3, EVALUATED_ONLY, Linear, calibration_error, fit_temperature, load, save, say, softmax, write_card

LABELS = ["AGE_0_18", "AGE_18_30", "AGE_30_45", "AGE_45_60", "AGE_60+"]
BEFORE = """
How old a speaker sounds: a linear head over the statistics of the third block of ECAPA-TDNN (2048 numbers), over all segments of the
speaker together. Made by `training/voice/age.py`; the data, their licences and attribution are in
[training/voice](../../training/voice/README.md). Ages are exact or decades; clips of a decade that
straddles two buckets train both and are left out of the figures below.

Recalls are those of 0-18 / 18-30 / 30-45 / 45-60 / 60+; "said" is the share of clips with a tag. Chance is a
mean recall of 0.2 (0.25 where there are four buckets). ECE weighs the buckets as the prior does.
"""
AFTER = """
Temperature {temperature:.2f}, fitted on held-out speakers; no tag below {threshold}; prior {prior}. A voice tells
its age roughly: the tag is usually right and nearly always right or next to it. Children (6 to 15 years)
are all of one corpus, learners of English in China, and the teenagers of Common Voice count by their years, so
AGE_0_18 is the least certain of the buckets elsewhere.
"""
FIRST_YEARS = [0, 18, 30, 45, 60]
STRENGTH = 0.003
THRESHOLD = 0.45
# From this probability the gateway takes a speaker for a child, and says no gender.
LIKELY_A_CHILD = 0.3
# Who calls: what the probabilities assume of a speaker before hearing them.
PRIOR = [0.10, 0.27, 0.27, 0.20, 0.16]


def targets_of(clips):
    targets = numpy.zeros((len(clips), len(LABELS)))
    for row, age in zip(targets, clips.age):
        if age:
            first, *last = map(int, age.split("-"))
            for year in range(first, (last[0] if last else first) + 1):
                row[sum(year >= start for start in FIRST_YEARS) - 1] += 1
            row /= row.sum()
    return targets


def weights_of(clips):
    """Buckets count alike. Only speechocean762 has children, so its adults count as much as they:
    what tells that corpus from others must not tell children."""
    targets = targets_of(clips)
    _, speaker, clips_of = numpy.unique(clips.speaker, return_inverse=True, return_counts=True)
    weights = 1 / numpy.sqrt(clips_of[speaker])
    weights /= (targets * (weights[:, None] * targets).sum(0)).sum(1)
    children, here = targets[:, 0] > 0.99, clips.dataset == "speechocean762_train"
    adults = here & ~children
    if adults.any() and children.any():
        weights[adults] *= weights[children].sum() / weights[adults].sum()
    return weights * len(clips) / weights.sum()


def train(clips):
    targets, weights = targets_of(clips), weights_of(clips)
    model = Linear(clips.x, targets, weights, STRENGTH)
    # What the weights made of the buckets' shares is undone, and the callers' shares put in.
    seen = (targets * weights[:, None]).sum(0)
    model.bias += numpy.log(PRIOR) - numpy.log(seen / seen.sum())
    return model


def report(name, clips, logits, temperature):
    targets = targets_of(clips)
    certain = targets.max(1) > 0.99
    probabilities, targets = softmax(logits / temperature)[certain], targets[certain]
    guess, truth = probabilities.argmax(1), targets.argmax(1)
    recalls = [(guess[truth == label] == label).mean() if (truth == label).any() else numpy.nan for label in range(len(LABELS))]
    said = probabilities.max(1) >= THRESHOLD
    prior = numpy.array(PRIOR)[truth] / numpy.bincount(truth, minlength=len(LABELS))[truth]
    say(f"| {name} | {len(truth)} | {' / '.join('-' if numpy.isnan(r) else f'{r:.2f}' for r in recalls)} | {numpy.nanmean(recalls):.3f} | "
          f"{(abs(guess - truth) >= 2).mean():.3f} | {said.mean():.2f} | {(guess == truth)[said].mean():.3f} | "
          f"{(abs(guess - truth) < 2)[said].mean():.3f} | {calibration_error(probabilities, targets, prior):.3f} |")
    return {"macro_recall_speakers_held_out": numpy.nanmean(recalls), "right_of_tagged_speakers_held_out": (guess == truth)[said].mean()}


def pooled(clips, logits):
    """Each speaker once, with the mean of their clips' logits."""
    _, first, index = numpy.unique(clips.speaker, return_index=True, return_inverse=True)
    total = numpy.zeros((len(first), logits.shape[1]))
    numpy.add.at(total, index, logits)
    return clips[first], total / numpy.bincount(index)[:, None]


def held_out(clips, groups):
    """Logits of each clip by a model that was trained without its group."""
    logits = numpy.zeros((len(clips), len(LABELS)))
    for group in numpy.unique(groups):
        logits[groups == group] = train(clips[groups != group])(clips.x[groups == group])
    return logits


def main(data, prints, out):
    clips = load(data, prints, BLOCK_3)
    clips = clips[(clips.age != "") & (clips.dataset != EVALUATED_ONLY)]
    voices, school = clips.dataset == "common_voice_6.1_sample", clips.dataset == "speechocean762_train"
    folds = held_out(clips, clips.fold)
    # A fifth of Common Voice's languages at a time.
    place = numpy.unique(clips.language, return_inverse=True)[1] % 5
    languages = held_out(clips, numpy.where(voices, place.astype(str), clips.dataset))
    temperature = fit_temperature(folds, targets_of(clips), weights_of(clips))
    say("| held out | clips | recalls | mean recall | two or more away | said | right of said | right or next of said | ECE |\n|" + "---|" * 9)
    figures = report("speakers: all", clips, folds, temperature)
    report("speakers: all, clips of a speaker together", *pooled(clips, folds), temperature)
    report("speakers: Common Voice", clips[voices], folds[voices], temperature)
    report("languages: Common Voice", clips[voices], languages[voices], temperature)
    report("speakers: speechocean762", clips[school], folds[school], temperature)
    child = softmax(folds / temperature)[:, 0] >= LIKELY_A_CHILD
    share = targets_of(clips)[:, 0]
    grown = share == 0
    say(f"\nTaken for children (probability {LIKELY_A_CHILD}): {child[share > 0.99].mean():.3f} of them, adults: "
        f"{child[grown & voices].mean():.3f} of Common Voice, {child[grown & school].mean():.3f} of speechocean762")
    model = train(clips)
    save(out, model, clips.x, LABELS, temperature, THRESHOLD, BLOCK_3.start, figures=figures)
    write_card(out, "age", BEFORE, AFTER.format(temperature=temperature, threshold=THRESHOLD, prior=PRIOR))


if __name__ == "__main__":
    main(*sys.argv[1:])
