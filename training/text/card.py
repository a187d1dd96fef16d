"""A head's model card."""

import numpy as np
from measure import confusions, f1_of

DATA = """Sentences written for this purpose ([training/text](../../training/text)), under this repository's licence:
{rows} sentences in {families} template families. A fifth of each label's families is held out whole, so that no
near-copy is on both sides. The check set was written apart, and nothing was chosen by it.
In training each sentence also comes in another form (in lower case without punctuation, also without fillers, or
with a capital and a full stop) and without the previous turn, so that none of these tells a label.
{extra}{borrowed}Features: the means over tokens of the six layers of all-MiniLM-L6-v2 (Apache-2.0) for the sentence and for the
other speaker's previous turn."""

EXTRA = """{more} sentences more (`{name}.extra.tsv`) were written later, after a look at what cross-validation over the sentences
not held out confused; they are learnt from, never held out.
"""

SEEN = """The last sentences were written after a look at the check set's scores by label and at some of its rows: its figure
is a little kind.
"""

# What else a head learns from, and what else is to be known of its data.
BORROWED = {
    "domain": """Besides, sentences about the words of `topics.tsv` are learnt from; they count half and are in no figure.
Only this head always learns with the previous turn, since that alone tells what a bare yes is about.
"""
    + SEEN,
    "intent_general": SEEN,
    "role_call": """Turns of whole talks (`dialogues.tsv`, a family each) are among them. Besides, sentences of collections intents
that only one role says are learnt from; they count half and are in no figure.
""",
    "role_interview": """Turns of whole talks (`dialogues.tsv`, a family each) are among them. Besides, verdicts on answers and the
answers before them (`eval.tsv`) are learnt from; they count half and are in no figure.
""",
}

LIMITS = """English only. The sentences are written, not transcribed from calls: expect less on real talk, above all
where people are cut off or several things are done in one turn. Probabilities are calibrated on sentences like the
training ones."""


def write(name, definitions, sizes, settings, figures, labels):
    rows, unseen, check, families, more = sizes
    f1, strength, temperature, threshold = settings
    extra = EXTRA.format(more=more, name=name) if more else ""
    lines = [f"# Head `{name}`", "", DATA.format(rows=rows, families=families, extra=extra, borrowed=BORROWED.get(name, "")), ""]
    lines += ["## Figures", "", "| on | said | macro-F1 | accuracy | calibration error | tagged | of these right |", "|---|---|---|---|---|---|---|"]
    for kind, scores in figures.items():
        count = unseen if kind == "held out" else check
        for variant, (found, score) in scores.items():
            tagged = score["sure"] >= threshold
            right = (score["guess"] == found.targets)[tagged].mean() if tagged.any() else float("nan")
            lines.append(
                f"| {kind}, {count} | {variant} | {score['f1']:.3f} | {score['accuracy']:.3f} | {score['ece']:.3f} "
                f"| {tagged.mean():.0%} | {right:.0%} |"
            )
    lines += ["", f"Five-fold cross-validation by family, augmented: macro-F1 {f1:.3f}. The held-out rows are scored by a head",
              "trained without them; the check set by the head that ships, which is trained on all sentences with the same",
              f"settings (inverse penalty {strength:g}, temperature {temperature:.2f} from the folds, threshold {threshold}).", ""]
    last = figures.get("check set")
    columns = ["held out"] + (["check set"] if last else [])
    lines += ["## Labels", "", f"| label | means | F1 {' | F1 '.join(columns)} |", "|---|---|" + "---|" * len(columns)]
    for at, label in enumerate(labels):
        cells = []
        for kind in columns:
            found, score = figures[kind]["as written"]
            cells.append(f"{f1_of(found.targets, score['guess'], at):.2f}")
        lines.append(f"| `{label}` | {definitions[label]} | {' | '.join(cells)} |")
    found = [figures[kind]["as written"] for kind in columns]
    truth = np.concatenate([part.targets for part, _ in found])
    guess = np.concatenate([score["guess"] for _, score in found])
    lines += ["", "Confused most, over these sets:", ""]
    lines += [f"- {count} times `{was}` taken for `{said}`" for count, was, said in confusions(truth, guess, labels)]
    lines += ["", "## Limits", "", LIMITS, "", "## How it is made", "", "```sh", f"python training/text/train.py {name}", "```", ""]
    return "\n".join(lines)
