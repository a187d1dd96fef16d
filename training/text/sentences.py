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


def extra(name):
    """Rows of NAME.extra.tsv, for the head of this name alone: learnt from, never held out, so that
    what is held out stays the same."""
    path = HERE / f"{name}.extra.tsv"
    return read(f"{name}.extra") if path.exists() else []


# Labels of other heads that only one role says; `previous` is then what the other role says.
TELLING = {
    "role_call": (
        "intent_collections",
        {"ROLE_AGENT": ("PAYMENT_REMINDER", "PAYMENT_INSTRUCTION", "URGENCY_PRESSURE")},
        {"ROLE_CUSTOMER": ("CLAIMS_PAID", "PROMISE_TO_PAY", "AMOUNT_DISPUTE", "FINANCIAL_HARDSHIP", "COMPLAINT")},
    ),
    "role_interview": ("eval", {"ROLE_INTERVIEWER": ("CORRECT", "PROBE", "PARTIAL", "INCORRECT", "HINT", "SKIP")}),
}


def borrowed(name):
    """Rows of another head's sentences whose label tells the role, and of the turns before them."""
    if name == "domain":
        return topics()
    if name not in TELLING:
        return []
    source, *telling = TELLING[name]
    roles = {label: role for part in telling for role, labels in part.items() for label in labels}
    rows = []
    for row in read(source):
        role = roles.get(row.label.split("_", 1)[1])
        if role:
            rows.append(replace(row, label=role))
        if role == "ROLE_INTERVIEWER" and row.previous:
            rows.append(Row("ROLE_INTERVIEWEE", row.family, "", row.previous))
    return rows


# How one speaks of a topic, whatever it is, and what one answers without naming it.
ABOUT = """I have a question about the {}.|what about the {}|it's about my {}|The {} is the problem.|tell me about the {}
so the {} was much better than last time|We need to talk about the {}.|how was the {}|I'm not happy with the {}
is there a {} around here|and then there was the {}|I forgot about the {}|can you help me with the {}
Which {} do you mean?|they asked me about the {}|a new {} would be nice|I had a {} yesterday|that {} again"""
ANSWERS = """Yes, that one.|okay and what happens now|I don't know when though.|Can you do it for me?
how long does that take|Right, and how much is it?|that's what I was told as well|I'd rather wait.
the first one please|Why is that?"""


def topics():
    """Sentences about the words of topics.tsv, whose domain is known; every third with an answer."""
    about, answers = (re.split(r"[|\n]", text) for text in (ABOUT, ANSWERS))
    rows = []
    with (HERE / "topics.tsv").open(encoding="utf-8", newline="") as file:
        for at, line in enumerate(csv.DictReader(file, delimiter="\t")):
            says = about[at % len(about)].format(line["topic"])
            rows.append(Row(line["domain"], f"topics/{at}", "", says))
            if at % 3 == 0:
                asked = about[at // 3 % len(about)].format(line["topic"])
                rows.append(Row(line["domain"], f"topics/{at}", asked, answers[at // 3 % len(answers)]))
    return rows


def dialogues(kind):
    """Whole talks of a kind (`call`, `interview`): name to turns of (speaker, row); the row's family
    is the talk, its previous turn the last of another speaker."""
    talks = {}
    with (HERE / "dialogues.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] != kind:
                continue
            turns = talks.setdefault(row["dialogue"], [])
            others = [turn.text for speaker, turn in turns if speaker != row["speaker"]]
            before = others[-1] if others else ""
            turns.append((row["speaker"], Row(row["role"], f"dialogues/{row['dialogue']}", before, row["text"])))
    return talks


def talk(name):
    """Rows of whole talks for the heads that tell roles."""
    kind = {"role_call": "call", "role_interview": "interview"}.get(name)
    return [row for turns in dialogues(kind).values() for _, row in turns] if kind else []


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


def augmented(row, alone=True):
    """The row; one of: as a recogniser writes it, that without fillers, tidied; and, if it may stand
    `alone`, one without the turn before. Which one is drawn by the row itself, so that a run repeats."""
    draw = hashlib.sha256(f"{row.previous}\t{row.text}".encode()).digest()
    bare = as_recognised(row.text) or row.text
    fluent = FILLERS.sub("", bare).strip() or bare
    other = (bare, bare, fluent, punctuated(row.text))[draw[0] % 4]
    rows = [row, replace(row, text=other, previous=as_recognised(row.previous))]
    if row.previous and alone:
        rows.append(replace(row, text=(row.text, bare)[draw[1] % 2], previous=""))
    return list(dict.fromkeys(rows))
