"""Trains and measures the gender head.

    python training/voice/gender.py DATA voices.npz models/heads/gender.safetensors

Children under 15 are left out: their voices do not tell. Prints held-out figures: speaker-disjoint
folds, and each corpus with nothing of it in training.
"""

import sys

import numpy

from common import BLOCK_3, EVALUATED_ONLY, Linear, calibration_error, fit_temperature, load, save, softmax

LABELS = ["GENDER_FEMALE", "GENDER_MALE"]
STRENGTH = 0.01
THRESHOLD = 0.7


def weights_of(clips):
    """Each corpus and gender counts alike within reason, and so does each speaker."""
    _, speaker, clips_of = numpy.unique(clips.speaker, return_inverse=True, return_counts=True)
    weights = 1 / numpy.sqrt(clips_of[speaker])
    groups = numpy.char.add(clips.dataset, clips.gender)
    for group in numpy.unique(groups):
        here = groups == group
        weights[here] /= numpy.sqrt(weights[here].sum())
    for gender in "fm":
        weights[clips.gender == gender] /= weights[clips.gender == gender].sum()
    return weights * len(clips)


def targets_of(clips):
    return numpy.stack([clips.gender == "f", clips.gender == "m"], 1).astype("f4")


def train(whole, short, chosen):
    parts = [clips[chosen(clips)] for clips in (whole, short)]
    x = numpy.concatenate([part.x for part in parts])
    return Linear(x, numpy.concatenate([targets_of(p) for p in parts]), numpy.concatenate([weights_of(p) for p in parts]), STRENGTH)


def report(name, clips, logits, temperature):
    probabilities, targets = softmax(logits / temperature), targets_of(clips)
    right = targets[numpy.arange(len(clips)), probabilities.argmax(1)]
    said = probabilities.max(1) >= THRESHOLD
    women, men = clips.gender == "f", clips.gender == "m"
    recall = numpy.mean([right[group].mean() for group in (women, men) if group.any()])
    print(f"| {name} | {len(clips)} | {right.mean():.3f} | {recall:.3f} | {said.mean():.3f} | {right[said].mean():.3f} | "
          f"{calibration_error(probabilities, targets):.3f} |")


def main(data, measured, out):
    everything = [load(data, measured, kind, BLOCK_3) for kind in ("whole", "short")]
    adult = lambda c: (c.gender != "") & ~numpy.isin(c.age, [str(age) for age in range(15)])
    whole, short = (clips[adult(clips)] for clips in everything)
    trained = lambda c: c.dataset != EVALUATED_ONLY
    folds = {kind: numpy.zeros((len(clips), 2)) for kind, clips in (("whole", whole), ("short", short))}
    for fold in sorted(set(whole.fold[trained(whole)])):
        model = train(whole, short, lambda c: trained(c) & (c.fold != fold))
        for kind, clips in ("whole", whole), ("short", short):
            here = clips.fold == fold
            folds[kind][here] = model(clips.x[here])
    away = {kind: numpy.zeros((len(clips), 2)) for kind, clips in (("whole", whole), ("short", short))}
    for corpus in numpy.unique(whole.dataset):
        model = train(whole, short, lambda c: trained(c) & (c.dataset != corpus))
        for kind, clips in ("whole", whole), ("short", short):
            here = clips.dataset == corpus
            away[kind][here] = model(clips.x[here])
    # Calibrated on what the model meets elsewhere: corpora it was not trained on.
    here = trained(whole)
    temperature = fit_temperature(away["whole"][here], targets_of(whole[here]), weights_of(whole[here]))
    print(f"temperature {temperature:.2f}")
    print("| held out | clips | right | mean recall | said | right of said | ECE |\n|---|---|---|---|---|---|---|")
    for name, logits in ("speakers", folds), ("corpus", away):
        for kind, clips in ("whole", whole), ("short", short):
            for corpus in [None, *numpy.unique(clips.dataset)]:
                here = trained(clips) if corpus is None else clips.dataset == corpus
                if name == "speakers" and corpus == EVALUATED_ONLY:
                    continue
                report(f"{name}: {corpus or 'all'}, {kind}", clips[here], logits[kind][here], temperature)
    model = train(whole, short, trained)
    save(out, model, whole.x[trained(whole)], LABELS, temperature, THRESHOLD, BLOCK_3.start)


if __name__ == "__main__":
    main(*sys.argv[1:])
