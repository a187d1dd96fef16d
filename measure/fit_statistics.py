"""Fits the regression that predicts the generator's statistics (crates/synthesis/src/kokoro/predictor.rs).

    cargo run --release -p synthesis --example collect -- measure/texts/fit-LANGUAGE.txt LANGUAGE OUT 20 1
    cargo run --release -p synthesis --example collect -- measure/texts/fit-LANGUAGE.txt LANGUAGE OUT-short 14 401 25
                                                       for each language: texts a voice, seed, longest text
    python measure/fit_statistics.py OUT... > crates/synthesis/data/kokoro/statistics.bin

`collect` writes OUT.f32 and OUT.jsonl. A fifth of the texts is held out to choose the penalty and to
print what the prediction is worth; the rest of the fit then uses them all.
"""

import json
import struct
import sys

import numpy as np

FEATURES, STYLE, STATISTICS = 512, 256, (5632, 2816)
COORDINATES = 96
# Groups of inputs and how much a step in them counts: found by cross-validation.
WEIGHTS = {"features": 1.0, "length": 3.0, "voice": 3.0, "style": 2.0}


def read(paths):
    rows, lines = [], []
    for path in paths:
        meta = [json.loads(line) for line in open(path + ".jsonl")]
        width = meta[0]["width"]
        values = np.fromfile(path + ".f32", np.float32)
        values = values[: len(values) // width * width].reshape(-1, width)
        count = min(len(values), len(meta))
        rows.append(values[:count])
        lines += meta[:count]
    return np.concatenate(rows), lines


def inputs(rows):
    """[texts, inputs] and their groups' weights: see `inputs` in predictor.rs."""
    mean, deviation = rows[:, :FEATURES], rows[:, FEATURES : 2 * FEATURES]
    frames = rows[:, 1024 + 5 : 1024 + 6]
    style = rows[:, 1076 : 1076 + STYLE]
    length = np.concatenate([1 / frames, np.log(frames), np.log(frames) ** 2], 1)
    voice = rows[:, [1024, 1027, 1028]]  # share that is voiced, mean and deviation of the energy
    parts = [mean, np.log(deviation + 1e-3), length, voice, style]
    weights = [WEIGHTS[group] for group in ("features", "features", "length", "voice", "style")]
    weights = np.concatenate([np.full(p.shape[1], w) for p, w in zip(parts, weights)])
    return np.concatenate(parts, 1), weights


def outputs(rows):
    """[texts, outputs] in their units, and the units of the means."""
    a, b = STATISTICS
    means_1, variances_1, means_2, variances_2 = np.split(rows[:, 1332:], [a, 2 * a, 2 * a + b], 1)
    means = np.concatenate([means_1, means_2], 1)
    variances = np.concatenate([variances_1, variances_2], 1)
    units = np.sqrt(variances.mean(0) + 1e-5)
    return np.concatenate([means / units, np.log(variances + 1e-4)], 1), units


def ridge(x, y, penalty):
    """Weights [inputs, outputs] through the dual form, as there are fewer texts than inputs."""
    kernel = x @ x.T + penalty * np.eye(len(x))
    return x.T @ np.linalg.solve(kernel, y)


def main():
    rows, lines = read(sys.argv[1:])
    x, weights = inputs(rows.astype(np.float64))
    y, units = outputs(rows.astype(np.float64))
    centre, usual = x.mean(0), y.mean(0)
    scale = weights / (x.std(0) + 1e-6)
    x, y = (x - centre) * scale, y - usual
    order = np.random.default_rng(0).permutation(len(x))
    held, kept = order[: len(x) // 5], order[len(x) // 5 :]
    # Coordinates: the directions in which the statistics move most.
    _, _, basis = np.linalg.svd(y, full_matrices=False)
    basis = basis[:COORDINATES]
    errors = {}
    for penalty in (3, 10, 20, 40, 80, 160):
        w = ridge(x[kept], y[kept] @ basis.T, penalty)
        errors[penalty] = y[held] - x[held] @ w @ basis
    rms = {penalty: np.sqrt((error**2).mean()) for penalty, error in errors.items()}
    best = min(rms, key=rms.get)
    each = np.sqrt((errors[best] ** 2).mean(1))
    print(
        f"{len(x)} texts, {len(set(line['voice'] for line in lines))} voices, penalty {best}; held out, in deviations:"
        f" the usual statistics miss by {np.sqrt((y[held] ** 2).mean()):.3f},"
        f" the prediction by {rms[best]:.3f}, at worst {each.max():.3f}",
        file=sys.stderr,
    )
    w = ridge(x, y @ basis.T, best)
    factors = np.abs(basis).max(1) / 127
    rounded = np.round(basis / factors[:, None]).astype(np.int8)
    out = sys.stdout.buffer
    out.write(b"KSTA" + struct.pack("<4I", x.shape[1], COORDINATES, *STATISTICS))
    for values in (centre, scale, w, factors, usual, units):
        out.write(values.astype("<f4").tobytes())
    out.write(rounded.tobytes())


main()
