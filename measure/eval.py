"""`make eval`: accuracy on ../shared/data through the gateway, and hardening.

    make eval                      everything
    scripts/measure.sh eval wer    only one part: wer, confidence, times, decoder, live, noise, ctc, voices, speak,
                                   fidelity, decoding or diarization; `speak en fr`, `fidelity af_heart` take less.
                                   `local-llm` is scripts/measure.sh's own: crates/llm/examples/judge.rs
"""

import collections
import sys
import time

import jiwer

import clips
import ctc
import decoding
import diarization
import live
import noise
import speakers
import speech_fidelity
import speech_round_trip
import word_times
from stack import Stack

WER_SETS = {
    "moonshine-tiny-en": ["librispeech_test_other", "ljspeech", "speechocean762_train"],
    "whisper-tiny": ["librispeech_test_other", "ljspeech", "speechocean762_train", "kerstin_de"],
    "whisper-base": ["librispeech_test_other", "ljspeech", "speechocean762_train", "kerstin_de"],
    "whisper-small": ["librispeech_test_other", "ljspeech", "speechocean762_train", "kerstin_de"],
}


def words_with_correctness(clip, result):
    """(confidence, right?) of every recognised word, by edit-distance alignment."""
    spoken = [word for segment in result["segments"] for word in segment["words"]]
    # A word may normalise to several or none ("twenty-five", "Mr."): count it by its first.
    hypothesis, confidences = [], []
    for word in spoken:
        for part in clip.normalise(word["word"]).split():
            hypothesis.append(part)
            confidences.append(word["confidence"])
    reference = clip.normalise(clip.text).split()
    if not hypothesis:
        return []
    aligned = jiwer.process_words(" ".join(reference), " ".join(hypothesis)).alignments[0]
    right = [False] * len(hypothesis)
    for chunk in aligned:
        if chunk.type == "equal":
            for index in range(chunk.hyp_start_idx, chunk.hyp_end_idx):
                right[index] = True
    return list(zip(confidences, right))


def word_errors(stack, model):
    """Rows of the accuracy table, and the words with their confidences."""
    rows, words = [], []
    for dataset in WER_SETS[model]:
        chosen = clips.load(dataset)
        references, hypotheses, spent = [], [], 0.0
        for clip in chosen:
            began = time.time()
            result = stack.transcribe(clip.path, model=model, language=clip.language, word_timestamps="true")
            spent += time.time() - began
            references.append(clip.normalise(clip.text))
            hypotheses.append(clip.normalise(result["transcript"]) or "-")
            if clip.language == "en":
                words += words_with_correctness(clip, result)
        seconds = sum(clip.seconds for clip in chosen)
        rows.append([model, dataset, len(chosen), 100 * jiwer.wer(references, hypotheses), spent / seconds])
    return rows, words


def calibration_error(words, bins=10):
    """Expected calibration error: mean |confidence - share right| over equal-width bins."""
    grouped = collections.defaultdict(list)
    for confidence, right in words:
        grouped[min(int(confidence * bins), bins - 1)].append((confidence, right))
    return sum(
        abs(sum(c for c, _ in group) - sum(r for _, r in group)) for group in grouped.values()
    ) / max(len(words), 1)


def separation(words):
    """Area under the ROC curve: how well confidence tells right words from wrong ones."""
    right = [c for c, r in words if r]
    wrong = [c for c, r in words if not r]
    if not right or not wrong:
        return float("nan")
    wins = sum((a > b) + 0.5 * (a == b) for a in right for b in wrong)
    return wins / (len(right) * len(wrong))


def accuracy(stack, parts):
    rows, calibration = [], []
    for model in WER_SETS:
        model_rows, words = word_errors(stack, model)
        rows += model_rows
        calibration.append([model, len(words), sum(r for _, r in words) / len(words), calibration_error(words), separation(words)])
    if "wer" in parts:
        clips.table("Word error rate (%) and wall real-time factor, through the gateway", ["model", "set", "clips", "WER", "RTF"], rows)
    if "confidence" in parts:
        clips.table("Word confidence against correctness", ["model", "words", "share right", "ECE", "AUC"], calibration)


def decoder(stack):
    """Every odd and broken file ends in a transcript or a 4xx within five seconds."""
    files = sorted(path for path in (clips.DATA / "decoder").rglob("*") if path.is_file())
    before = stack.rss_mb("asr-server")
    bad, statuses, slowest = [], collections.Counter(), 0.0
    for path in files:
        began = time.time()
        response = stack.post(path, model="moonshine-tiny-en", timeout=60)
        took = time.time() - began
        slowest = max(slowest, took)
        statuses[response.status_code] += 1
        envelope = response.status_code == 200 or {"type", "code", "message", "request_id"} <= set(response.json()["error"])
        if response.status_code >= 500 or took > 5 or not envelope:
            bad.append((path.name, response.status_code, round(took, 1)))
    after = stack.rss_mb("asr-server")
    clips.table(
        "Odd and broken files",
        ["files", "statuses", "slowest s", "memory before MB", "after MB", "failures"],
        [[len(files), dict(statuses), slowest, before, after, bad or "none"]],
    )
    return not bad


def main():
    parts = sys.argv[1:] or ["wer", "confidence", "times", "live", "decoder", "noise", "ctc", "voices", "speak", "fidelity", "decoding", "diarization"]
    # What is said to these comes after them.
    alone = {"speak": speech_round_trip.report, "fidelity": speech_fidelity.report, "decoding": decoding.report, "diarization": diarization.report}
    if parts[0] in alone and sys.argv[1:]:
        return alone[parts[0]](parts[1:])
    if "live" in parts:
        live.accuracy()
    if "voices" in parts:
        speakers.report()
    for name in alone:
        if name in parts:
            alone[name]([])
    if not set(parts) - {"live", "voices", *alone}:
        return
    with Stack(VARIANT="all") as stack:
        if {"wer", "confidence"} & set(parts):
            accuracy(stack, parts)
        if "times" in parts:
            word_times.report(stack)
        if "noise" in parts:
            noise.report(stack)
        if "ctc" in parts:
            ctc.report(stack)
        if "decoder" in parts and not decoder(stack):
            sys.exit(1)


main()
