"""Trains the heads that tag text: `python training/text/train.py [NAME ...]` writes
models/heads/NAME.safetensors and its card NAME.md."""

import sys
import tomllib

import numpy as np
import card
import sentences
from encoder import Encoder
from head import Head, fit_temperature
from measure import calibration_error, macro_f1

# Name of the head, the file of its sentences, the column of its label, least probability of a tag.
HEADS = {
    "behavior": ("behavior", "label", 0.4),
    "eval": ("eval", "label", 0.4),
    "role_interview": ("role_interview", "label", 0.5),
    "role_call": ("role_call", "label", 0.5),
    "intent_collections": ("intent_collections", "label", 0.4),
    "intent_general": ("intent_general", "label", 0.4),
    "speech_act": ("intent_general", "speech_act", 0.4),
    "domain": ("intent_general", "domain", 0.4),
}
# Inverse penalty: cross-validation is flat (within 0.01 macro-F1) from 0.3 to 3 for every head.
STRENGTH = 1.0
# How much a sentence counts that was written for another head.
BORROWED = 0.5
OUT = sentences.HERE.parents[1] / "models" / "heads"


class Set:
    """Rows with their features, and how much each counts: labels alike, whatever was augmented."""

    def __init__(self, name, rows, labels, encoder, augment, borrowed=()):
        alone = name != "domain"  # What a bare yes is about, only the turn before tells.
        groups = [sentences.augmented(row, alone) if augment else [row] for row in [*rows, *borrowed]]
        self.rows = [row for group in groups for row in group]
        self.features = encoder.features(self.rows)
        self.targets = np.array([labels.index(row.label) for row in self.rows])
        share = np.array([1.0 / len(group) for group in groups for _ in group])
        self.own = np.array([at < len(rows) for at, group in enumerate(groups) for _ in group])
        share[~self.own] *= BORROWED
        sizes = np.bincount(self.targets, weights=share, minlength=len(labels))
        # Between every sentence alike and every label alike.
        self.weights = share / np.sqrt(np.maximum(sizes, 1.0))[self.targets]
        self.folds = np.array(sentences.folds(self.rows))

    def fit(self, name, labels, keep):
        return Head(name, labels, STRENGTH).fit(self.features[keep], self.targets[keep], self.weights[keep])

    def scores(self, head):
        """Macro-F1, accuracy and calibration error of `head` on these rows."""
        found = head.probabilities(self.features)
        guess = found.argmax(1)
        return {
            "f1": macro_f1(self.targets, guess, len(head.labels)),
            "accuracy": float((guess == self.targets).mean()),
            "ece": calibration_error(found, self.targets),
            "guess": guess,
            "sure": found.max(1),
        }


def cross_validated(name, train, labels):
    """Logits of every row by the head that did not see its family, and the macro-F1 of its own."""
    logits = np.zeros((len(train.rows), len(labels)), np.float32)
    for fold in set(train.folds):
        out = train.folds == fold
        logits[out] = train.fit(name, labels, ~out).logits(train.features[out])
    own = train.own
    return logits, macro_f1(train.targets[own], logits[own].argmax(1), len(labels))


def variants(rows):
    """The rows as they are, as a recogniser writes them, and without the turn before."""
    bare = sentences.as_recognised
    return {
        "as written": rows,
        "lower case, no punctuation": [
            sentences.replace(row, text=bare(row.text) or row.text, previous=bare(row.previous)) for row in rows
        ],
        "without the previous turn": [sentences.replace(row, previous="") for row in rows],
    }


def train(name, encoder, vocabulary):
    file, column, threshold = HEADS[name]
    rows = sentences.read(file, column) + sentences.talk(name)
    borrowed, extra = sentences.borrowed(name), sentences.extra(name)
    labels = list(vocabulary[name])
    odd = {row.label for row in rows} ^ set(labels)
    if odd:
        print(f"{name}: labels not both defined and trained: {sorted(odd)}", flush=True)
        rows = [row for row in rows if row.label in labels]
        labels = [label for label in labels if any(row.label == label for row in rows)]
    out = np.array(sentences.held_out(rows))
    unseen = [row for row, is_out in zip(rows, out) if is_out]
    check = [row for row in sentences.read(file, column, sentences.HERE / "check") if row.label in labels]
    # What was written later must not repeat what is judged.
    judged = {sentences.as_recognised(row.text) for row in unseen + check}
    repeated = [row.text for row in extra if len(row.text.split()) > 2 and sentences.as_recognised(row.text) in judged]
    if repeated:
        raise SystemExit(f"{name}.extra.tsv repeats what is held out: {repeated}")
    kept = [row for row, is_out in zip(rows, out) if not is_out] + extra
    seen = Set(name, kept, labels, encoder, augment=True, borrowed=borrowed)

    logits, f1 = cross_validated(name, seen, labels)
    print(name, len(rows), round(f1, 3), flush=True)
    everything = np.ones(len(seen.rows), bool)
    head = seen.fit(name, labels, everything)
    head.temperature = fit_temperature(logits[seen.own], seen.targets[seen.own], seen.weights[seen.own])

    def scored(head, rows):
        sets = {kind: Set(name, found, labels, encoder, augment=False) for kind, found in variants(rows).items()}
        return {kind: (found, found.scores(head)) for kind, found in sets.items()}

    figures = {"held out": scored(head, unseen)}
    # What ships has seen every sentence but the check set; its settings are those found above.
    whole = Set(name, rows + extra, labels, encoder, augment=True, borrowed=borrowed)
    final = whole.fit(name, labels, np.ones(len(whole.rows), bool))
    final.temperature = head.temperature
    if check:
        figures["check set"] = scored(final, check)
    for kind, scores in figures.items():
        print("  ", kind, {key: round(value[1]["f1"], 3) for key, value in scores.items()}, flush=True)
    held = figures["held out"]["as written"][1]["f1"]
    about = {"macro_f1_held_out": f"{held:.3f}", "trained_on": str(len(rows) + len(extra))}
    final.save(OUT / f"{name}.safetensors", threshold, about)
    sizes = (len(rows), len(unseen), len(check), len({row.family for row in rows}), len(extra))
    text = card.write(name, vocabulary[name], sizes, (f1, STRENGTH, final.temperature, threshold), figures, labels)
    (OUT / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    with (OUT / "labels.toml").open("rb") as file:
        vocabulary = tomllib.load(file)
    encoder = Encoder()
    for name in sys.argv[1:] or HEADS:
        train(name, encoder, vocabulary)
