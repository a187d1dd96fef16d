"""Training sentences: reading them, holding families out, and saying them as a recogniser writes."""

import csv
import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).parent
FILLERS = re.compile(r"\b(um+|uh+|er+m?|hm+|like|you know|i mean|so|well)\b[, ]*", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """A sentence, what it is called, the turn before it, and the template family it belongs to."""

    label: str
    family: str
    previous: str
    text: str


def read(name, column="label", folder=HERE):
    """Rows of NAME.tsv and NAME.more.tsv; the label is in `column`."""
    rows = []
    for path in (folder / f"{name}.tsv", folder / f"{name}.more.tsv"):
        if not path.exists():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                label = (row[column] or "").strip()
                # A family is one of its file and its first label, whichever column is learnt.
                family = f"{path.stem}/{row['label']}/{row['family']}"
                if label and row["text"]:
                    rows.append(Row(label, family, (row["previous"] or "").strip(), row["text"].strip()))
    return rows


def held_out(rows, share=5):
    """Whether each row's family is among the fifth of its label that is held out."""
    families = {}
    for row in rows:
        families.setdefault(row.label, set()).add(row.family)
    out = set()
    for members in families.values():
        order = sorted(members, key=lambda family: hashlib.sha256(family.encode()).digest())
        out.update(order[: max(1, len(order) // share)])
    return [row.family in out for row in rows]


def folds(rows, count=5):
    """Fold of each row; a family is in one fold."""
    return [int(hashlib.sha256(b"fold" + row.family.encode()).hexdigest(), 16) % count for row in rows]


def as_recognised(text):
    """Lower case and no punctuation, as recognisers without a language model write."""
    text = text.lower().replace("-", " ")
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s']", " ", text)).strip()


def punctuated(text):
    """With a capital and a full stop, when it has neither: how is it said must not tell a label."""
    text = text[:1].upper() + text[1:]
    text = re.sub(r"\bi\b", "I", text)
    return text if text[-1:] in ".?!…" else text + "."


def augmented(row):
    """The row, as a recogniser writes it, tidied, without fillers, and without the turn before."""
    bare = as_recognised(row.text)
    texts = [row.text, bare, punctuated(row.text)]
    fluent = FILLERS.sub("", bare).strip()
    if fluent and fluent != bare:
        texts.append(fluent)
    rows = [replace(row, text=text) for text in dict.fromkeys(texts) if text]
    if row.previous:
        rows[1:] = [replace(other, previous=as_recognised(row.previous)) for other in rows[1:]]
        rows += [replace(row, previous=""), replace(row, text=bare or row.text, previous="")]
    return rows
