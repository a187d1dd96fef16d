"""What the training scripts of the voice heads share: the data, folds, calibration, the file."""

import csv
import json
import os

import numpy
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

EVALUATED_ONLY = "nEMO"
# The third block's statistics: means and deviations of 1024 channels (see crates/speech/src/voice).
BLOCK_2, BLOCK_3 = slice(4096, 6144), slice(6144, 8192)


_said = []


def say(line):
    """Prints a line that also goes into the model card."""
    print(line, flush=True)
    _said.append(line)


def write_card(weights, title, before, after):
    """The model card beside the weights: `before`, what was said, `after`."""
    with open(weights.removesuffix(".safetensors") + ".md", "w", encoding="utf-8") as card:
        card.write("\n".join([f"# Head `{title}`", "", before.strip(), "", *_said, "", after.strip(), ""]))


class Clips:
    """Measured clips with what is known of them; `[mask]` chooses some."""

    def __init__(self, columns):
        self.__dict__ = columns

    def __getitem__(self, chosen):
        return Clips({name: column[chosen] for name, column in self.__dict__.items()})

    def __len__(self):
        return len(self.speaker)


def table(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def load(data, prints, statistics):
    """The clips in which speech was found, with those of their voiceprints' `statistics`."""
    rows, heard = table(f"{data}/manifest.tsv"), table(f"{prints}/rows.tsv")
    assert [row["path"] for row in rows] == [row["path"] for row in heard]
    text = {name: numpy.array([row[name] for row in rows]) for name in ("dataset", "gender", "age", "emotion", "use")}
    clips = Clips({
        **text,
        "language": numpy.array([row["language"] for row in rows]),
        "speaker": numpy.array([f"{row['dataset']}/{row['speaker']}" for row in rows]),
        "fold": numpy.array([int(row["fold5"] or -1) for row in rows]),
        "x": numpy.load(f"{prints}/statistics.npy", mmap_mode="r")[:, statistics].astype("f4"),
    })
    return clips[numpy.array([row["error"] == "-" for row in heard])]


def softmax(logits):
    raised = numpy.exp(logits - logits.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def fit_temperature(logits, targets, weights):
    """What to divide logits by so that the probabilities mean what they say (soft targets)."""

    def loss(temperature):
        return -(weights * (targets * numpy.log(softmax(logits / temperature) + 1e-9)).sum(1)).sum()

    return min(numpy.exp(numpy.linspace(numpy.log(0.2), numpy.log(8), 120)), key=loss)


def calibration_error(probabilities, targets, weights=None):
    """Expected calibration error of the likeliest label, ten bins of equal width."""
    weights = numpy.ones(len(targets)) if weights is None else weights
    sure, right = probabilities.max(1), targets[numpy.arange(len(targets)), probabilities.argmax(1)]
    error = 0.0
    for low in numpy.arange(0, 1, 0.1):
        here = (sure > low) & (sure <= low + 0.1)
        if here.any():
            share = weights[here].sum() / weights.sum()
            error += share * abs(numpy.average(sure[here], weights=weights[here]) - numpy.average(right[here], weights=weights[here]))
    return error


class Linear:
    """Multinomial regression over standardised features: logits = x @ weight.T + bias."""

    def __init__(self, x, targets, weights, strength):
        """`targets` are soft, [clips, labels]."""
        mean, scale = x.mean(0), (x.std(0) + 1e-4) * numpy.sqrt(x.shape[1]) / 10
        rows, labels = numpy.nonzero(targets)
        share = targets[rows, labels] * weights[rows]
        share *= len(x) / share.sum()
        model = LogisticRegression(C=strength, max_iter=400)
        model.fit(((x - mean) / scale)[rows], labels, sample_weight=share)
        weight, bias = model.coef_, model.intercept_
        if len(weight) == 1:
            weight, bias = numpy.vstack([-weight, weight]) / 2, numpy.concatenate([-bias, bias]) / 2
        self.weight = weight / scale
        self.bias = bias - self.weight @ mean

    def __call__(self, x):
        return x @ self.weight.T + self.bias


def save(path, model, x, labels, temperature, threshold, first, extra_tensors=(), figures=None, **metadata):
    """Writes a head: the projection is the model's weights, one row a label, and the head itself
    only standardises and adds the bias. `x` are the training features; `figures` what
    `GET /models` says of how good it is."""
    # Rows are scaled to fit half precision.
    size = numpy.abs(model.weight).max()
    projection = (model.weight / size).astype("f2")
    z = x @ projection.astype("f4").T
    mean, scale = z.mean(0), z.std(0)
    tensors = {
        "projection": projection,
        "mean": mean.astype("f4"),
        "scale": scale.astype("f4"),
        "output.weight": numpy.diag(scale * size).astype("f4"),
        "output.bias": (model.bias + mean * size).astype("f4"),
        **{name: (values / size).astype("f4") for name, values in dict(extra_tensors).items()},
    }
    text = {"labels": json.dumps(labels), "temperature": f"{temperature:.4f}", "threshold": f"{threshold:.2f}",
            "statistics_from": str(first), **{name: f"{value:.3f}" for name, value in (figures or {}).items()},
            **{name: str(value) for name, value in metadata.items()}}
    save_file({name: numpy.ascontiguousarray(values) for name, values in tensors.items()}, path, text)
    os.chmod(path, 0o644)
