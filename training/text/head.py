"""Multinomial logistic regression over standardised features, and the file it is kept in."""

import json

import numpy as np
from safetensors.numpy import save_file
from encoder import WIDTH
from scipy.optimize import minimize

# The other speaker's turn is a hint: its features weigh less, so that they must explain more before
# they are used. And what a sentence is about is in the top layer. (By cross-validation: head to
# weight of the previous turn, weight of the top layers.)
WEIGHTS = {"domain": (1.5, 3.0)}
USUAL = (0.4, 1.0)
FARTHEST = 10.0


class Head:
    """Learns labels from features; missing ones count as the mean."""

    def __init__(self, name, labels, strength):
        self.name, self.labels, self.strength, self.temperature = name, labels, strength, 1.0

    def standardised(self, features):
        z = (features - self.mean) / self.scale
        return np.clip(np.nan_to_num(z, nan=0.0), -FARTHEST, FARTHEST)

    def fit(self, features, targets, weights):
        """`targets` index the labels; `strength` divides the weights' squares."""
        previous, top = WEIGHTS.get(self.name, USUAL)
        half = features.shape[1] // 2
        self.mean = np.nan_to_num(np.nanmean(features, axis=0))
        self.scale = np.maximum(np.nan_to_num(np.nanstd(features, axis=0), nan=1.0), 1e-3)
        self.scale[half:] /= previous
        for end in (half, 2 * half):
            self.scale[end - WIDTH : end] /= top
        # Numbers that suit half floats: the scale carries the size of the feature space.
        self.scale *= 20.0
        z = self.standardised(features)
        truth = np.eye(len(self.labels), dtype=np.float32)[targets]
        shape = (len(self.labels), z.shape[1] + 1)
        weights = (weights / weights.sum()).astype(np.float32)
        penalty = 1.0 / (self.strength * len(set(map(float, targets))) * 60)

        def loss(flat):
            w = flat.reshape(shape).astype(np.float32)
            logits = z @ w[:, :-1].T + w[:, -1]
            logits -= logits.max(1, keepdims=True)
            total = np.log(np.exp(logits).sum(1))
            error = (np.exp(logits - total[:, None]) - truth) * weights[:, None]
            gradient = np.empty(shape, np.float32)
            gradient[:, :-1] = error.T @ z + penalty * w[:, :-1]
            gradient[:, -1] = error.sum(0)
            value = (weights * (total - (logits * truth).sum(1))).sum()
            value += penalty * float((w[:, :-1] ** 2).sum()) / 2
            return float(value), gradient.ravel().astype(np.float64)

        options = {"maxiter": 80, "maxcor": 8, "ftol": 1e-6}
        found = minimize(loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options=options)
        w = found.x.reshape(shape).astype(np.float32)
        self.weight, self.bias = w[:, :-1], w[:, -1]
        return self

    def logits(self, features):
        return self.standardised(features) @ self.weight.T + self.bias

    def probabilities(self, features):
        return softmax(self.logits(features) / self.temperature)

    def save(self, path, threshold, metadata):
        tensors = {
            "mean": self.mean.astype(np.float32),
            "scale": self.scale.astype(np.float32),
            "output.weight": self.weight.astype(np.float16),
            "output.bias": self.bias.astype(np.float32),
        }
        about = {
            "labels": json.dumps(self.labels),
            "temperature": f"{self.temperature:.4f}",
            "threshold": f"{threshold}",
            **metadata,
        }
        save_file(tensors, path, metadata=about)
        path.chmod(0o644)


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def fit_temperature(logits, targets, weights):
    """What divides `logits` so that the truth is likeliest."""
    candidates = np.exp(np.linspace(np.log(0.2), np.log(5.0), 200))
    chosen = np.arange(len(targets))

    def surprise(temperature):
        return -(weights * np.log(softmax(logits / temperature)[chosen, targets] + 1e-9)).sum()

    return float(min(candidates, key=surprise))
