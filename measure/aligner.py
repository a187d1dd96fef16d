"""Forced alignment of a known text with pocketsphinx: the word times we compare ours with."""

import dataclasses
import re
import subprocess

import jiwer
import pocketsphinx

import clips


@dataclasses.dataclass
class Aligned:
    word: str
    start: float
    end: float


def samples(path):
    """16 kHz mono s16le of any file."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-ar", "16000", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def align(clip):
    """Words of the reference with start and end in seconds; empty where it does not fit."""
    text = re.sub(r"[^a-z' ]", " ", clip.text.lower())
    recogniser = pocketsphinx.Decoder(samprate=16000, loglevel="FATAL", bestpath=False)
    words = [word for word in text.split() if recogniser.lookup_word(word)]
    if len(words) < len(text.split()):
        return []  # a word outside its dictionary would shift its neighbours
    recogniser.set_align_text(" ".join(words))
    recogniser.start_utt()
    recogniser.process_raw(samples(clip.path), full_utt=True)
    recogniser.end_utt()
    found = [s for s in recogniser.seg() if not s.word.startswith("<") and not s.word.startswith("[")]
    return [Aligned(re.sub(r"\(\d+\)", "", s.word), s.start_frame / 100, (s.end_frame + 1) / 100) for s in found]


def pair(clip, truth, result):
    """(aligned word, recognised word) for every word both have."""
    spoken = [word for segment in result["segments"] for word in segment["words"]]
    reference = [re.sub(r"[^a-z']", "", word.word) for word in truth]
    hypothesis = [re.sub(r"[^a-z']", "", word["word"].lower()) or "-" for word in spoken]
    if not reference or not hypothesis:
        return
    for chunk in jiwer.process_words(" ".join(reference), " ".join(hypothesis)).alignments[0]:
        if chunk.type == "equal":
            for real, found in zip(range(chunk.ref_start_idx, chunk.ref_end_idx), range(chunk.hyp_start_idx, chunk.hyp_end_idx)):
                yield truth[real], spoken[found]
