"""Noisy, quiet and uneven copies of English clips, and what `noise_reduce` and `gain_normalize` do to them."""

import functools
import pathlib
import sys
import tempfile
import zlib

import jiwer
import numpy as np
import soundfile

import aligner
import clips

RATE = 16000
EDGE = RATE  # samples of noise (or silence) alone before and after the clip
MODELS = ["moonshine-tiny-en", "whisper-base"]


def chosen():
    """English sentences read by six speakers; those that come in several containers once."""
    found = clips.load("librispeech_test_other", "ljspeech", "classics")
    wanted = lambda clip: clip.path.parent.name != "classics" or any(word in clip.path.name for word in ("jfk.wav", "austen", "beckett"))
    return [clip for clip in found if clip.path.suffix in (".flac", ".wav") and wanted(clip) and not (clip.dataset == "ljspeech" and clip.path.suffix == ".wav")]


@functools.cache
def samples(path):
    return np.frombuffer(aligner.samples(path), "<i2").astype(np.float64) / 32768


def level(signal):
    """RMS over frames of 20 ms within 30 dB of the loudest: of speech, not of its pauses."""
    frames = signal[: len(signal) // 320 * 320].reshape(-1, 320)
    power = (frames**2).mean(axis=1)
    return np.sqrt(power[power > power.max() / 1000].mean())


def speaker(clip):
    """Whose voice it is, near enough to keep it out of its own babble."""
    name = clip.path.name
    return name.split("-")[0] if clip.dataset == "librispeech_test_other" else "austen" if "austen" in name else clip.dataset


@functools.cache
def talkers():
    """Speech of each speaker there is, one clip after the other."""
    voices = {}
    for clip in clips.load("speechocean762_train", "kerstin_de", "librispeech_test_other", "ljspeech"):
        # Files of the learners' set are named after their speaker.
        who = clip.path.stem[:5] if clip.dataset == "speechocean762_train" else speaker(clip)
        if clip.path.suffix != ".mp3":
            voices.setdefault(who, []).append(clip.path)
    return voices


def babble(random, length, clip):
    """Eight talkers other than the clip's, equally loud."""
    others = [paths for who, paths in sorted(talkers().items()) if who != speaker(clip)]
    picked = random.choice(len(others), min(8, len(others)), replace=False)
    mixed = np.zeros(length)
    for index in picked:
        voice = np.zeros(0)
        while len(voice) < length + RATE:
            voice = np.append(voice, samples(others[index][random.integers(len(others[index]))]))
        start = random.integers(RATE)
        part = voice[start : start + length]
        mixed += part / level(part)
    return mixed


def coloured(random, length, shape):
    """Noise whose amplitude over frequency (Hz) is `shape`."""
    spectrum = np.fft.rfft(random.standard_normal(length))
    return np.fft.irfft(spectrum * shape(np.fft.rfftfreq(length, 1 / RATE)), length)


def unit(signal):
    return signal / np.sqrt((signal**2).mean())


def hum(random, length, _):
    """50 or 60 Hz and its harmonics up to 1.5 kHz, and pink noise 10 dB below."""
    mains = random.choice([50, 60]) * (1 + random.uniform(-0.002, 0.002))
    time = np.arange(length) / RATE
    tones = sum(np.sin(2 * np.pi * (k * mains * time + random.uniform())) / k ** random.uniform(0.5, 1) for k in range(1, int(1500 / mains)))
    return unit(tones) + 10 ** (-10 / 20) * unit(coloured(random, length, lambda f: 1 / np.sqrt(np.maximum(f, 20))))


def white(random, length, _):
    return random.standard_normal(length)


def pink(random, length, _):
    return coloured(random, length, lambda f: 1 / np.sqrt(np.maximum(f, 20)))


def fan(random, length, _):
    """Air: falling from 300 Hz on, with the blades' tones."""
    time = np.arange(length) / RATE
    blades = random.uniform(80, 140)
    tones = sum(np.sin(2 * np.pi * (k * blades * time + random.uniform())) / k for k in range(1, 6))
    return unit(coloured(random, length, lambda f: 1 / (1 + f / 300))) + 0.5 * unit(tones)


NOISES = {"babble 5 dB": (babble, 5), "hum 5 dB": (hum, 5), "white 5 dB": (white, 5), "pink 5 dB": (pink, 5), "fan 0 dB": (fan, 0)}


def noisy(clip, name, draw=0):
    """The clip in noise, its speech at -26 dBFS. The same for the same `draw`."""
    make, snr_db = NOISES[name]
    random = np.random.default_rng(zlib.crc32(f"{clip.path.name} {name} {draw}".encode()))
    speech = padded(clip)
    return speech + 10 ** (-(26 + snr_db) / 20) * unit(make(random, len(speech), clip))


def padded(clip, level_db=-26):
    speech = samples(clip.path)
    return np.pad(speech * 10 ** (level_db / 20) / level(speech), EDGE)


def jumps(clip):
    """Louder and quieter by turns, every 1.5 seconds: -24 and -46 dBFS."""
    speech = padded(clip, -24)
    steps = np.arange(len(speech)) // (3 * RATE // 2) % 2
    return speech * 10 ** (-22 / 20 * steps)


def write(path, signal):
    soundfile.write(path, np.clip(signal, -1, 1), RATE, subtype="PCM_16")


COPIES = {
    "clean": padded,
    **{name: functools.partial(noisy, name=name) for name in NOISES},
    "quiet": functools.partial(padded, level_db=-40),
    "uneven": jumps,
}


def error_rate(stack, model, copies, **fields):
    """(WER in percent, inserted, deleted, substituted words) of copies [(clip, path)]."""
    references = [clip.normalise(clip.text) for clip, _ in copies]
    transcribe = lambda path: stack.transcribe(path, model=model, language="en", **fields)["transcript"]
    hypotheses = [clip.normalise(transcribe(path)) or "-" for clip, path in copies]
    found = jiwer.process_words(references, hypotheses)
    return f"{100 * found.wer:.1f}", f"{found.insertions}/{found.deletions}/{found.substitutions}"


def report(stack):
    """Tables of what each setting does to copies that call for it, and to clean ones."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="whissle-noise-") as folder:
        for name, make in COPIES.items():
            copies = []
            for clip in chosen():
                path = pathlib.Path(folder) / f"{len(copies)}.wav"
                write(path, make(clip))
                copies.append((clip, path))
            settings = ["noise_reduce"] * (name == "clean" or name in NOISES) + ["gain_normalize"] * (name not in NOISES)
            for model in MODELS:
                for setting in [None] + settings:
                    fields = {setting: "true"} if setting else {}
                    rows.append([name, model, setting or "", *error_rate(stack, model, copies, **fields)])
                    print(*rows[-1], sep="\t", file=sys.stderr)
    clips.table(
        "Word error rate (%) of noisy, quiet and uneven copies, through the gateway",
        ["copies", "model", "setting", "WER", "inserted/deleted/substituted"],
        rows,
    )
