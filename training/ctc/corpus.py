"""Recordings of the training set: which clips, whose, and with what transcript."""

import csv
import json
import os
import re
import zlib

from texts import letters, tagged

# Heard in evaluations: nothing of theirs is trained on.
EVALUATED = {"so0036", "so1033", "so2089", "so2427", "so9606", "so9630"}
DATASETS = ("LibriSpeech_train_clean_100", "common_voice_6.1_sample", "speechocean762_train")


def clips(data):
    """Rows of the manifest that may be trained on, in English."""
    with open(f"{data}/manifest.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        row
        for row in rows
        if row["dataset"] in DATASETS
        and row["use"] == "train"
        and row["language"].startswith("en")
        and row["speaker"] not in EVALUATED
    ]


def held_out(row):
    """Whether nothing of this speaker is trained on."""
    return row["fold5"] == "4" and zlib.crc32(row["speaker"].encode()) % 2 == 0


def age_bucket(age):
    """The label of an age in years or a decade (`20-29`); None where it straddles two."""
    if not age:
        return None
    if age.isdigit():
        years = int(age)
    else:
        years = {"10": 15, "20": 24, "30": 35, "50": 52, "60": 65, "70": 75, "80": 85}.get(age[:2])
    if years is None:
        return None
    bounds = ((18, "AGE_0_18"), (30, "AGE_18_30"), (45, "AGE_30_45"), (60, "AGE_45_60"))
    return next((label for bound, label in bounds if years < bound), "AGE_60+")


def speaker_tags(row):
    """Action tokens of the speaker. Children have no gender: their voices do not tell it."""
    age = age_bucket(row["age"])
    gender = {"m": "GENDER_MALE", "f": "GENDER_FEMALE"}.get(row["gender"])
    return [tag for tag in (age, gender if age != "AGE_0_18" else None) if tag]


def transcripts(data, work):
    """Path of the clip -> transcript with entities marked, where there is one to trust."""
    moonshine, whisper = (_heard(work, model) for model in ("moonshine-tiny-en", "whisper-small"))
    found = {}
    for row in clips(data):
        path = row["path"]
        said = row["transcript"] or moonshine.get(path, "")
        if row["dataset"].startswith("speechocean"):
            said = whisper.get(path, "")
            first, second = letters(said), letters(moonshine.get(path, ""))
            if not first or not second or distance(first, second) > 0.34 * len(first):
                continue
        text = tagged(said)
        if text and len(letters(said)) >= 3:
            found[path] = text
    return found


def _heard(work, model):
    path = f"{work}/label.{model}.jsonl"
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        rows = map(json.loads, file)
        return {row["path"]: re.sub(r"<[^>]*>", " ", row["raw"].get("raw", "")).strip() for row in rows}


def distance(a, b):
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        next_row = [i]
        for j, y in enumerate(b, 1):
            next_row.append(min(row[j] + 1, next_row[j - 1] + 1, row[j - 1] + (x != y)))
        row = next_row
    return row[-1]
