"""Diarization error rate: no collar, overlaps scored, in steps of 10 ms."""

import numpy

STEP_S = 0.01


def grid(turns, steps):
    """[steps, speakers] of who speaks; turns are (start_s, end_s, speaker)."""
    names = sorted({speaker for _, _, speaker in turns}, key=str)
    active = numpy.zeros((steps, len(names)), bool)
    for start, end, speaker in turns:
        active[round(start / STEP_S) : round(end / STEP_S), names.index(speaker)] = True
    return active, names


def best_pairs(common):
    """Pairs (reference, found) that have most in common: all assignments, by dynamic programming
    over the sets of found speakers (the smaller side is the set)."""
    if common.shape[0] < common.shape[1]:
        return [(a, b) for b, a in best_pairs(common.T)]
    rows, columns = common.shape
    best = {0: (0, [])}
    for row in range(rows):
        after = dict(best)
        for used, (score, pairs) in best.items():
            for column in range(columns):
                bit = 1 << column
                if not used & bit:
                    gained = score + int(common[row, column])
                    if gained > after.get(used | bit, (-1, None))[0]:
                        after[used | bit] = (gained, pairs + [(row, column)])
        best = after
    return max(best.values(), key=lambda found: found[0])[1]


def errors(reference, found):
    """Steps missed, falsely found, of another speaker, and of speech in all."""
    steps = round(max([end for _, end, _ in reference + found] + [0]) / STEP_S) + 1
    (said, _), (heard, _) = grid(reference, steps), grid(found, steps)
    speaking, hearing = said.sum(1), heard.sum(1)
    right = 0
    if said.shape[1] and heard.shape[1]:
        common = (said[:, :, None] & heard[:, None, :]).sum(0)
        right = sum(common[a, b] for a, b in best_pairs(common))
    return numpy.array([
        numpy.maximum(speaking - hearing, 0).sum(),
        numpy.maximum(hearing - speaking, 0).sum(),
        numpy.minimum(speaking, hearing).sum() - right,
        speaking.sum(),
    ])


def rate(parts):
    """Error rate in percent of summed errors."""
    return 100 * parts[:3].sum() / max(parts[3], 1)


def rttm(path):
    """Turns of an RTTM file."""
    rows = [line.split() for line in open(path)]
    return [(float(r[3]), float(r[3]) + float(r[4]), r[7]) for r in rows if r and r[0] == "SPEAKER"]
