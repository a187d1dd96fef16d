"""Trains and measures the gender head.

    python training/voice/gender.py DATA PRINTS models/heads/gender.safetensors

Children under 15 are left out: their voices do not tell. Prints held-out figures: speaker-disjoint
folds, and each corpus with nothing of it in training.
"""

import sys

import numpy

from common import BLOCK_3, EVALUATED_ONLY, Linear, calibration_error, fit_temperature, load, save, say, softmax, write_card

LABELS = ["GENDER_FEMALE", "GENDER_MALE"]
STRENGTH = 0.01
THRESHOLD = 0.7

BEFORE = """
Whether a speaker sounds like a woman or a man: a linear head over the statistics of the third block of
ECAPA-TDNN (2048 numbers), over all segments of the speaker together. Made by `training/voice/gender.py`; the data, their
licences and attribution are in [training/voice](../../training/voice/README.md). Children under 15 are left
out of training and figures.

"speakers" are held out in folds; "corpus" has nothing of that corpus in training. Clips (about 4 s) are scored one
by one; mean recall is over the two labels, ECE the expected
calibration error in ten bins.
"""
AFTER = """
Temperature {temperature:.2f}, fitted on the held-out corpora; no tag below {threshold}. speechocean762 is the weak spot:
young learners of English in China, recorded by telephone. Labels are self-declared. Common Voice
speaks many languages, so the head is not of one language, but most of its men and women are of 20 to 40 years.
The gateway says no gender where the age head gives AGE_0_18 a probability of 0.3 or more: boys sound
like girls and women. The labels are the two that the interface has.
"""


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


def train(clips):
    return Linear(clips.x, targets_of(clips), weights_of(clips), STRENGTH)


def held_out(clips, trained, groups):
    """Logits of each clip by a model that was trained without its group."""
    logits = numpy.zeros((len(clips), 2))
    for group in numpy.unique(groups):
        logits[groups == group] = train(clips[trained & (groups != group)])(clips.x[groups == group])
    return logits


def report(name, clips, logits, temperature):
    probabilities, targets = softmax(logits / temperature), targets_of(clips)
    right = targets[numpy.arange(len(clips)), probabilities.argmax(1)]
    said = probabilities.max(1) >= THRESHOLD
    women, men = clips.gender == "f", clips.gender == "m"
    recall = numpy.mean([right[group].mean() for group in (women, men) if group.any()])
    say(f"| {name} | {len(clips)} | {right.mean():.3f} | {recall:.3f} | {said.mean():.3f} | {right[said].mean():.3f} | "
          f"{calibration_error(probabilities, targets):.3f} |")
    return right[said].mean()


def main(data, prints, out):
    clips = load(data, prints, BLOCK_3)
    clips = clips[(clips.gender != "") & ~numpy.isin(clips.age, [str(age) for age in range(15)])]
    trained = clips.dataset != EVALUATED_ONLY
    folds, corpora = (held_out(clips, trained, groups) for groups in (clips.fold, clips.dataset))
    # Calibrated on what the model meets elsewhere: corpora it was not trained on.
    temperature = fit_temperature(corpora[trained], targets_of(clips[trained]), weights_of(clips[trained]))
    say("| held out | clips | right | mean recall | said | right of said | ECE |\n|---|---|---|---|---|---|---|")
    figures = {}
    for name, logits in ("speakers", folds), ("corpus", corpora):
        figures[f"right_of_tagged_{name}_held_out"] = report(f"{name}: all", clips[trained], logits[trained], temperature)
        for corpus in numpy.unique(clips.dataset):
            here = clips.dataset == corpus
            if name == "corpus" or corpus != EVALUATED_ONLY:
                report(f"{name}: {corpus}", clips[here], logits[here], temperature)
    model = train(clips[trained])
    save(out, model, clips.x[trained], LABELS, temperature, THRESHOLD, BLOCK_3.start, figures=figures)
    write_card(out, "gender", BEFORE, AFTER.format(temperature=temperature, threshold=THRESHOLD))


if __name__ == "__main__":
    main(*sys.argv[1:])
