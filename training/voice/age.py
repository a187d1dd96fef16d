"""Trains and measures the age head.

    python training/voice/age.py DATA voices.npz models/heads/age.safetensors

Ages are exact (speechocean762, EmoDB) or decades (Common Voice); a decade that straddles two buckets
counts for both, by its years. Prints held-out figures of speaker-disjoint folds, and of each
language of Common Voice with nothing of it in training.
"""

import sys

import numpy

from common import BLOCK_3, EVALUATED_ONLY, Linear, calibration_error, fit_temperature, load, save, softmax

LABELS = ["AGE_0_18", "AGE_18_30", "AGE_30_45", "AGE_45_60", "AGE_60+"]
FIRST_YEARS = [0, 18, 30, 45, 60]
STRENGTH = 0.003
THRESHOLD = 0.4
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


def train(whole, short, chosen):
    parts = [clips[chosen(clips)] for clips in (whole, short)]
    x, targets, weights = (numpy.concatenate(found) for found in zip(*((p.x, targets_of(p), weights_of(p)) for p in parts)))
    model = Linear(x, targets, weights, STRENGTH)
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
    print(f"| {name} | {len(truth)} | {' / '.join('-' if numpy.isnan(r) else f'{r:.2f}' for r in recalls)} | {numpy.nanmean(recalls):.3f} | "
          f"{(abs(guess - truth) >= 2).mean():.3f} | {said.mean():.2f} | {(guess == truth)[said].mean():.3f} | "
          f"{(abs(guess - truth) < 2)[said].mean():.3f} | {calibration_error(probabilities, targets, prior):.3f} |")


def pooled(clips, logits):
    """Each speaker once, with the mean of their clips' logits."""
    _, first, index = numpy.unique(clips.speaker, return_index=True, return_inverse=True)
    total = numpy.zeros((len(first), logits.shape[1]))
    numpy.add.at(total, index, logits)
    return clips[first], total / numpy.bincount(index)[:, None]


def held_out(whole, short, groups):
    logits = {kind: numpy.zeros((len(clips), len(LABELS))) for kind, clips in (("whole", whole), ("short", short))}
    for group in numpy.unique(groups(whole)):
        model = train(whole, short, lambda c: groups(c) != group)
        for kind, clips in ("whole", whole), ("short", short):
            here = groups(clips) == group
            logits[kind][here] = model(clips.x[here])
    return logits


def main(data, measured, out):
    usable = lambda c: c[(c.age != "") & (c.dataset != EVALUATED_ONLY)]
    whole, short = (usable(load(data, measured, kind, BLOCK_3)) for kind in ("whole", "short"))
    folds = held_out(whole, short, lambda c: c.fold)
    languages = held_out(whole, short, lambda c: numpy.where(c.dataset == "common_voice_6.1_sample", c.language, c.dataset))
    temperature = fit_temperature(folds["whole"], targets_of(whole), weights_of(whole))
    print(f"temperature {temperature:.2f}")
    print("| held out | clips | recalls | mean recall | two or more away | said | right of said | right or next of said | ECE |\n|" + "---|" * 9)
    voices = whole.dataset == "common_voice_6.1_sample"
    report("speakers: all", whole, folds["whole"], temperature)
    report("speakers: all, 1.5 s", short, folds["short"], temperature)
    report("speakers: all, clips of a speaker together", *pooled(whole, folds["whole"]), temperature)
    report("speakers: Common Voice", whole[voices], folds["whole"][voices], temperature)
    report("languages: Common Voice", whole[voices], languages["whole"][voices], temperature)
    school = whole.dataset == "speechocean762_train"
    report("speakers: speechocean762", whole[school], folds["whole"][school], temperature)
    grown = targets_of(whole)[:, 0] == 0
    young = targets_of(whole)[:, 0] > 0.99
    child = softmax(folds["whole"] / temperature)[:, 0] >= 0.5
    print(f"taken for children (probability 0.5): {child[young].mean():.3f} of them, adults: "
          f"{child[grown & voices].mean():.3f} of Common Voice, {child[grown & school].mean():.3f} of speechocean762")
    model = train(whole, short, lambda c: numpy.ones(len(c), bool))
    save(out, model, whole.x, LABELS, temperature, THRESHOLD, BLOCK_3.start)


if __name__ == "__main__":
    main(*sys.argv[1:])
