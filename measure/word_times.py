"""Word starts and ends against a forced alignment of the reference text by pocketsphinx, of words that
were recognised: through the gateway, and of Moonshine with its aligner and by its attention alone.
"""

import pathlib
import statistics
import subprocess
import tempfile

import aligner
import clips
from stack import BIN

# The constants of times were fitted on the first two; nothing was on the third.
SETS = ["librispeech_test_other", "ljspeech", "classics"]
COLUMNS = ["words", "start median", "start p90", "end median", "end p90"]


def known(*sets):
    """(clip, its words with their times) of what pocketsphinx can align."""
    chosen = [clip for clip in clips.load(*sets) if clip.language == "en" and clip.path.suffix != ".mp3"]
    aligned = ((clip, aligner.align(clip)) for clip in chosen)
    return [(clip, truth) for clip, truth in aligned if truth]


def row(pairs):
    """Figures of (aligned word, recognised word), in milliseconds."""
    starts = [1000 * abs(real.start - found["start"]) for real, found in pairs]
    ends = [1000 * abs(real.end - found["end"]) for real, found in pairs]
    quantile = lambda values, q: statistics.quantiles(values, n=100)[q - 1]
    return [len(pairs)] + [f"{quantile(values, q):.0f}" for values in (starts, ends) for q in (50, 90)]


def through_gateway(stack):
    rows, truths = [], known(*SETS[:2])
    for model in ("moonshine-tiny-en", "whisper-base", "whisper-small"):
        pairs = []
        for clip, truth in truths:
            result = stack.transcribe(clip.path, model=model, language="en", word_timestamps="true")
            pairs += aligner.pair(clip, truth, result)
        rows.append([model, *row(pairs)])
    clips.table("Word times against forced alignment (pocketsphinx, 10 ms frames), milliseconds", ["model", *COLUMNS], rows)


def recognised(truths, *options):
    """Moonshine's words of each clip as the engine's own program tells them, in the form of an answer."""
    installed = lambda *what: subprocess.run([BIN / "models", "path", *what], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="whissle-times-") as folder:
        folder = pathlib.Path(folder)
        for model in ("moonshine-tiny-en", "silero-vad"):
            (folder / model).symlink_to(installed(model))
        wavs = []
        for number, (clip, _) in enumerate(truths):
            wavs.append(folder / f"{number}.wav")
            command = ["ffmpeg", "-v", "error", "-i", clip.path, "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", wavs[-1]]
            subprocess.run(command, check=True)
        library = installed("onnxruntime", "libonnxruntime.so")
        command = [BIN / "examples" / "transcribe", "--models", folder, "--library", library, "--words", "--beam", "5", *options]
        done = subprocess.run([*command, "moonshine-tiny-en", *wavs], check=True, capture_output=True, text=True)
    words, answers = [], []
    for line in done.stdout.splitlines():
        first, *rest = line.split("\t")
        if first == "@":
            words.append({"start": float(rest[0]), "end": float(rest[1]), "word": rest[2]})
        else:
            answers.append({"segments": [{"words": words}]})
            words = []
    return answers


def with_and_without_aligner():
    rows = []
    for dataset in SETS:
        truths = known(dataset)
        for name, options in (("attention", ["--attention"]), ("aligner", [])):
            answers = recognised(truths, *options)
            pairs = [pair for (clip, truth), answer in zip(truths, answers) for pair in aligner.pair(clip, truth, answer)]
            rows.append([dataset, name, *row(pairs)])
    clips.table("Moonshine's word times by attention and by its aligner, milliseconds", ["set", "by", *COLUMNS], rows)


def report(stack):
    through_gateway(stack)
    with_and_without_aligner()
