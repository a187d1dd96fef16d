"""`eval decoding`, `bench decoding`: what beams, language model and hotwords bring, and what they cost.

    scripts/measure.sh eval decoding [MODEL ...]     error rates by search; of hotwords and of the rest
    scripts/measure.sh bench decoding [MODEL ...]    wall time by search, in turn on each clip
"""

import random
import time

import jiwer

import clips
from stack import Stack

SETS = ["librispeech_test_other", "ljspeech", "classics", "speechocean762_train"]
MODELS = ["moonshine-tiny-en", "whisper-base"]
SEARCHES = {
    "greedy": {"lm_mode": "greedy"},
    "beam": {"beam_width": 5, "use_lm": "false"},
    "balanced": {"beam_width": 5, "use_lm": "true"},
    "strict": {"beam_width": 5, "lm_mode": "strict"},
}
# A hotword that was missed has at least so many letters, one that was not may be listed from LONG on.
SHORT, LONG, DISTRACTORS = 5, 8, 20


def english(dataset):
    """Its English clips that have words and a container."""
    return [clip for clip in clips.load(dataset) if clip.language == "en" and clip.normalise(clip.text)]


def ask(stack, clip, model, fields):
    """The transcript, normalised; a dash for nothing."""
    result = stack.transcribe(clip.path, model=model, language="en", metadata="false", **fields)
    return clip.normalise(result["transcript"]) or "-"


def errors(reference, hypothesis):
    """Which words of the reference are wrong, and how many were added."""
    words = reference.split()
    wrong, added = [True] * len(words), 0
    for chunk in jiwer.process_words(reference, hypothesis).alignments[0]:
        if chunk.type == "equal":
            wrong[chunk.ref_start_idx : chunk.ref_end_idx] = [False] * (chunk.ref_end_idx - chunk.ref_start_idx)
        if chunk.type == "insert":
            added += chunk.hyp_end_idx - chunk.hyp_start_idx
    return list(zip(words, wrong)), added


def listed(found):
    """The words of each clip that its user would list: what is missed, and what is long."""
    worth = lambda word, wrong: word.isalpha() and len(word) >= (SHORT if wrong else LONG)
    return [sorted({word for word, wrong in words if worth(word, wrong)}) for words, _ in found]


def by_kind(found, lists):
    """[words listed, of them wrong, other words, of them wrong or added]."""
    total = [0, 0, 0, 0]
    for (words, added), hotwords in zip(found, lists):
        for word, wrong in words:
            place = 0 if word in hotwords else 2
            total[place] += 1
            total[place + 1] += wrong
        total[3] += added
    return total


def report(models):
    searches, hot = [], []
    with Stack(VARIANT="all", PRELOAD="false") as stack:
        for model in models or MODELS:
            for dataset in SETS:
                chosen = english(dataset)
                references = [clip.normalise(clip.text) for clip in chosen]
                texts = {name: [ask(stack, clip, model, fields) for clip in chosen] for name, fields in SEARCHES.items()}
                rates = [100 * jiwer.wer(references, texts[name]) for name in SEARCHES]
                found = [errors(*pair) for pair in zip(references, texts["balanced"])]
                lists = listed(found)
                everything = sorted({word for words in lists for word in words})
                draw = random.Random(1)
                with_hotwords = []
                for clip, own in zip(chosen, lists):
                    others = [word for word in everything if word not in clip.normalise(clip.text).split()]
                    hotwords = own + draw.sample(others, min(DISTRACTORS, len(others)))
                    fields = {**SEARCHES["balanced"], "hotwords": ",".join(hotwords)}
                    with_hotwords.append(ask(stack, clip, model, fields))
                rates.append(100 * jiwer.wer(references, with_hotwords))
                words = sum(len(text.split()) for text in references)
                searches.append([model, dataset, words, *rates])
                before = by_kind(found, lists)
                after = by_kind([errors(*pair) for pair in zip(references, with_hotwords)], lists)
                hot.append([model, dataset, before[0], before[1], after[1], 100 * before[3] / before[2], 100 * after[3] / after[2]])
    clips.table("Word error rate (%) by search, beam 5", ["model", "set", "words", *SEARCHES, "balanced + hotwords"], searches)
    clips.table(
        f"Hotwords: those of the clip and {DISTRACTORS} others; balanced",
        ["model", "set", "words listed", "wrong without", "wrong with", "rest WER without", "rest WER with"],
        hot,
    )


def bench(models, rounds=3):
    """Wall seconds of whole requests; the best of each clip and search, so that other load counts least."""
    rows = []
    with Stack(VARIANT="all", PRELOAD="false") as stack:
        for model in models or MODELS:
            chosen = english("librispeech_test_other") + english("ljspeech")
            best = {}
            ask(stack, chosen[0], model, {})
            for _ in range(rounds):
                for clip in chosen:
                    for name, fields in SEARCHES.items():
                        began = time.time()
                        ask(stack, clip, model, fields)
                        key = name, clip.path
                        best[key] = min(best.get(key, 1e9), time.time() - began)
            wall = {name: sum(best[name, clip.path] for clip in chosen) for name in SEARCHES}
            seconds = sum(clip.seconds for clip in chosen)
            for name in SEARCHES:
                rows.append([model, name, wall[name], f"{wall[name] / seconds:.4f}", f"{wall[name] / wall['greedy']:.2f}"])
    clips.table(
        f"Whole requests, {len(chosen)} clips, {seconds:.0f} s of audio, one after the other (best of {rounds}, in turn)",
        ["model", "search", "wall s", "RTF", "times greedy"],
        rows,
    )
