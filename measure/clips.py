"""The clips under ../shared/data that have a transcript, and how words are compared."""

import csv
import dataclasses
import pathlib
import sys

from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

DATA = pathlib.Path(__file__).resolve().parent.parent.parent / "shared" / "data"
ENGLISH = EnglishTextNormalizer()
OTHER = BasicTextNormalizer()


@dataclasses.dataclass
class Clip:
    path: pathlib.Path
    dataset: str
    language: str
    seconds: float
    text: str

    def normalise(self, text):
        """OpenAI's normaliser for the language of the clip."""
        return ENGLISH(text) if self.language == "en" else OTHER(text)


def load(*datasets):
    """Clips with a transcript, of these datasets or of all."""
    if not DATA.exists():
        sys.exit(f"{DATA} is not there: it holds the recordings to measure on. Tests (make test) do without it.")
    with open(DATA / "manifest.tsv", newline="") as manifest:
        rows = [row for row in csv.DictReader(manifest, delimiter="\t") if row["transcript"] and not row["path"].endswith(".raw")]
    return [
        Clip(DATA / row["path"], row["set"], row["language"][:2], float(row["duration_s"] or 0), row["transcript"])
        for row in rows
        if (not datasets or row["set"] in datasets)
    ]


def table(title, columns, rows):
    """Prints a Markdown table."""
    print(f"\n### {title}\n\n| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row) + " |")
    sys.stdout.flush()
