"""The CTC model that ships: word and character errors by search, through the gateway."""

import time

import jiwer

import clips

MODEL = "moonshine-tiny-ctc-en"
SETS = ["librispeech_test_other", "ljspeech", "speechocean762_train"]
SEARCHES = {
    "greedy": {"beam_width": "1"},
    "beam 20": {"beam_width": "20", "use_lm": "false"},
    "beam 20 + LM": {"beam_width": "20", "use_lm": "true"},
    "beam 100 + LM": {"beam_width": "100", "use_lm": "true"},
    "beam 100 + LM, strict": {"beam_width": "100", "use_lm": "true", "lm_mode": "strict"},
}


def report(stack):
    rows = []
    for dataset in SETS:
        chosen = [clip for clip in clips.load(dataset) if clip.path.suffix != ".mp3"]
        for name, fields in SEARCHES.items():
            references, hypotheses, spent = [], [], 0.0
            for clip in chosen:
                began = time.time()
                result = stack.transcribe(clip.path, model=MODEL, language="en", **fields)
                spent += time.time() - began
                references.append(clip.normalise(clip.text))
                hypotheses.append(clip.normalise(result["transcript"]) or "-")
            seconds = sum(clip.seconds for clip in chosen)
            errors = 100 * jiwer.wer(references, hypotheses), 100 * jiwer.cer(references, hypotheses)
            rows.append([dataset, name, len(chosen), *errors, spent / seconds])
    columns = ["set", "search", "clips", "WER", "CER", "wall real-time factor"]
    clips.table(f"{MODEL}: errors (%)", columns, rows)
