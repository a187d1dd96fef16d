"""Round trip: our speech, heard by our own Whisper small."""

import pathlib
import subprocess
import sys
import tempfile

import clips
import speech_words as words
from speech_texts import VOICES, sentences
from stack import BIN, Stack

MODEL = "whisper-small"


def example(name, folder, lines, *arguments):
    """Runs one of the examples of `synthesis` that write WAV files for lines (voice, text)."""
    table = "".join(f"{voice}\t{text}\n" for voice, text in lines)
    subprocess.run([BIN / "examples" / name, folder, *arguments], input=table, text=True, check=True)


def hear(stack, folder, lines, language, ending=".wav"):
    """What is recognised of each line; nothing where there is no sound."""
    heard = []
    for number in range(len(lines)):
        path = pathlib.Path(folder) / f"{number:04}{ending}"
        known = path.exists()
        heard.append(stack.transcribe(path, model=MODEL, language=language)["transcript"] if known else "")
    return heard


def in_turn(language):
    """(voice, sentence) with the voices of the language in turn."""
    voices = VOICES[language]
    return [(voices[place % len(voices)], text) for place, text in enumerate(sentences(language))]


def compare(lines, heard, language):
    references = [words.normalise(text, language) for _, text in lines]
    hypotheses = [words.normalise(text, language) for text in heard]
    return references, hypotheses, *words.score(references, hypotheses, language)


def row(language, lines, heard):
    """A row of the table, and what failed."""
    references, hypotheses, error, failed = compare(lines, heard, language)
    goal = words.GOALS.get(language)
    second = ""
    if language == "ja":
        kana = [[words.kana(text) for text in texts] for texts in ([text for _, text in lines], heard)]
        second = f"CER of the readings {words.score(*kana, language)[0]:.1f}"
    if language == "hi":
        second = f"CER {words.score([' '.join(r) for r in references], [' '.join(h) for h in hypotheses], 'hi')[0]:.1f}"
    kind = "CER" if words.by_characters(language) else "WER"
    return [language, len(lines), kind, error, "" if goal is None else f"{goal:.0f}", second], failed


def by_voice(language, lines, heard):
    for voice in VOICES[language]:
        chosen = [(line, text) for line, text in zip(lines, heard) if line[0] == voice]
        if chosen:
            yield [voice, len(chosen), compare(*zip(*chosen), language)[2]]


def tell_failures(language, lines, heard, failed):
    print(f"\n{language}, said -> heard:", "; ".join(f"{said or '∅'} -> {got or '∅'}" + (f" ({count})" if count > 1 else "") for (said, got), count in failed.most_common()) or "all right")
    for (voice, text), got in zip(lines, heard):
        if words.normalise(text, language) != words.normalise(got, language):
            print(f"  {voice}: {text} | {got.strip()}")


def unchanged(stack):
    """English, each sentence in one piece: in windows with predicted statistics, and as the export has it whole."""
    lines = in_turn("en")
    with tempfile.TemporaryDirectory(prefix="whissle-speak-") as folder:
        example("fidelity", folder, lines)
        for name, ending in (("in windows, predicted statistics", ".wav"), ("whole, its own statistics", ".whole.wav")):
            heard = hear(stack, folder, lines, "en", ending)
            yield [name, len(lines), compare(lines, heard, "en")[2]]


def report(languages):
    languages = languages or list(VOICES)
    rows, voices, told, pieces = [], [], [], []
    with Stack(VARIANT="multi-full") as stack:
        for language in languages:
            lines = in_turn(language)
            if not lines:
                print(f"{language}: no sentences", file=sys.stderr)
                continue
            with tempfile.TemporaryDirectory(prefix="whissle-speak-") as folder:
                example("render", folder, lines)
                heard = hear(stack, folder, lines, language)
            cells, failed = row(language, lines, heard)
            rows.append(cells)
            voices += by_voice(language, lines, heard)
            told.append((language, lines, heard, failed))
            print(*cells, sep="\t", file=sys.stderr)
        if "en" in languages:
            pieces = list(unchanged(stack))
    clips.table("Round trip: synthesized, then heard by Whisper small (errors in percent)", ["language", "sentences", "", "errors", "goal", ""], rows)
    clips.table("Round trip by voice (errors in percent)", ["voice", "sentences", "errors"], voices)
    if pieces:
        whole = next(cells for cells in rows if cells[0] == "en")
        pieces.insert(0, ["as the server says it, in pieces", whole[1], whole[3]])
        clips.table("Round trip of the English sentences (WER in percent)", ["", "sentences", "WER"], pieces)
    for part in told:
        tell_failures(*part)
