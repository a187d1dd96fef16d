"""Speech for variety of text: flite's voices read sentences of training/text and Bible verses.

    synthesise.py TEXTS WORK
"""

import csv
import json
import os
import random
import re
import subprocess
import sys

from texts import INTENTS

OTHERS = ("role_call.tsv", "behavior.tsv", "role_interview.tsv", "dialogues.tsv")
WITH_INTENT, WITHOUT, VERSES = 450, 950, 500
VOICES = {"slt": 4, "rms": 4, "awb": 3, "kal16": 1}


def rows(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def sentences(texts):
    """(text, intent or None), each once."""
    found = [(row["text"], row["label"] if row["label"] in INTENTS else None) for row in rows(f"{texts}/intent_general.tsv")]
    found += [(row["text"], None) for name in OTHERS for row in rows(f"{texts}/{name}")]
    once = {text.lower(): (text, intent) for text, intent in reversed(found) if text}
    plain = re.compile(r"[A-Za-z' ,.?!;:-]{8,140}")
    return [it for it in once.values() if plain.fullmatch(it[0])]


def verses():
    book = subprocess.run(["bible", "-f", "Mt1:1-Re22:21"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^\S+:\d+ ([A-Za-z' ,.?!;:()-]{30,150})$", book, re.MULTILINE)
    return [(text, None) for text in found]


def main(texts, work):
    choose = random.Random(7)
    said, read = sentences(texts), verses()
    choose.shuffle(said)
    choose.shuffle(read)
    todo = [it for it in said if it[1]][:WITH_INTENT] + [it for it in said if not it[1]][:WITHOUT] + read[:VERSES]
    choose.shuffle(todo)
    os.makedirs(f"{work}/flite", exist_ok=True)
    with open(f"{work}/flite.jsonl", "w", encoding="utf-8") as out:
        for i, (text, intent) in enumerate(todo):
            path = f"{work}/flite/{i}.wav"
            voice = choose.choices(list(VOICES), list(VOICES.values()))[0]
            stretch = f"duration_stretch={choose.uniform(0.85, 1.25):.2f}"
            subprocess.run(["flite", "-voice", voice, "--setf", stretch, "-t", text, "-o", path], check=True)
            print(json.dumps({"path": path, "text": text, "intent": intent}), file=out)


if __name__ == "__main__":
    main(*sys.argv[1:])
