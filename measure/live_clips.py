"""What `bench live` says to the recogniser: twenty whole sentences, each followed by quiet."""

import dataclasses

import numpy

import aligner
import clips

RATE = 16000
QUIET_SECONDS = 3.5
QUIET_LEVEL = 10  # standard deviation of the noise between clips, of 32768
# Ends in the middle of a sentence, a title, a list: a speaker would not be done after these.
UNFINISHED = {"367-130732-0005", "367-130732-0006", "367-130732-0007"}
FINISHED = {"LJ001-0002", "LJ001-0005", "LJ001-0008"}


@dataclasses.dataclass
class Spoken:
    """A clip in a stream: where it begins, where its last word and the quiet after it end."""

    clip: clips.Clip
    begins: float
    speech_end: float
    ends: float


def sentences():
    librispeech = [c for c in clips.load("librispeech_test_other") if c.path.stem not in UNFINISHED]
    ljspeech = [c for c in clips.load("ljspeech") if c.path.stem in FINISHED and c.path.suffix == ".flac"]
    return librispeech + ljspeech


def loud_until(samples):
    """Seconds to the last 10 ms within 30 dB of the loud parts."""
    frames = samples[: len(samples) // 160 * 160].astype(float).reshape(-1, 160)
    level = numpy.convolve(10 * numpy.log10((frames**2).mean(axis=1) + 1), numpy.ones(3) / 3, "same")
    return (numpy.flatnonzero(level > numpy.percentile(level, 95) - 30)[-1] + 1) / 100


def speech_end(clip, samples):
    """End of the last word: by forced alignment or by loudness, whichever is earlier.

    The alignment takes a little of the quiet for the word, loudness takes breath for speech.
    """
    aligned = aligner.align(clip)
    return min([loud_until(samples)] + [word.end for word in aligned[-1:]])


def stream(chosen):
    """These clips one after the other as s16le, and where each of them is."""
    random = numpy.random.default_rng(1)
    quiet = lambda seconds: random.normal(0, QUIET_LEVEL, int(seconds * RATE)).astype(numpy.int16)
    parts, spoken, position = [quiet(1.0)], [], 1.0
    for clip in chosen:
        samples = numpy.frombuffer(aligner.samples(clip.path), dtype=numpy.int16)
        seconds = len(samples) / RATE
        end = position + seconds + QUIET_SECONDS
        spoken.append(Spoken(clip, position, position + speech_end(clip, samples), end))
        parts += [samples, quiet(QUIET_SECONDS)]
        position = end
    return numpy.concatenate(parts).tobytes(), spoken


def low_noise(seconds):
    return numpy.random.default_rng(2).normal(0, QUIET_LEVEL, int(seconds * RATE)).astype(numpy.int16).tobytes()
