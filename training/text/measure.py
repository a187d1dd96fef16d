"""Figures of a head: macro-F1, calibration, confusions."""

import numpy as np


def macro_f1(truth, guess, count):
    scores = []
    for label in range(count):
        hit = ((truth == label) & (guess == label)).sum()
        both = (truth == label).sum() + (guess == label).sum()
        if (truth == label).any():
            scores.append(2 * hit / both)
    return float(np.mean(scores)) if scores else float("nan")


def f1_of(truth, guess, label):
    hit = ((truth == label) & (guess == label)).sum()
    both = (truth == label).sum() + (guess == label).sum()
    return float(2 * hit / both) if both else float("nan")


def calibration_error(probabilities, truth, bins=10):
    """Expected calibration error of the likeliest label (Guo et al. 2017), equal-width bins."""
    sure, right = probabilities.max(1), probabilities.argmax(1) == truth
    which = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[which == b].mean() - right[which == b].mean()) * (which == b).mean() for b in set(which)]
    return float(sum(gaps))


def confusions(truth, guess, labels, most=8):
    """The pairs that are confused most, likeliest first: (count, truth, guess)."""
    pairs = {}
    for t, g in zip(truth, guess):
        if t != g:
            pairs[labels[t], labels[g]] = pairs.get((labels[t], labels[g]), 0) + 1
    return sorted(((n, t, g) for (t, g), n in pairs.items()), reverse=True)[:most]
