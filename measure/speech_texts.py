"""What is spoken for measuring: sentences of each language, texts of every length, voices."""

import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
VOICES = {
    "en": ["af_heart", "am_michael", "bf_emma", "bm_george"],
    "es": ["ef_dora", "em_alex"],
    "fr": ["ff_siwis"],
    "it": ["if_sara", "im_nicola"],
    "pt": ["pf_dora", "pm_alex"],
    "hi": ["hf_alpha", "hm_omega"],
    "zh": ["zf_xiaobei", "zm_yunxi", "zf_xiaoxiao"],
    "ja": ["jf_alpha", "jm_kumo", "jf_gongitsune"],
}
# Of every kind there is, and mixes.
FIDELITY_VOICES = [
    "af_heart", "af_bella", "af_nicole", "am_michael", "am_adam", "am_santa", "bf_emma", "bm_george",
    "ef_dora", "em_alex", "ff_siwis", "if_sara", "im_nicola", "pf_dora", "pm_alex", "hf_alpha", "hm_omega",
    "zf_xiaobei", "zm_yunxi", "jf_alpha", "jm_kumo", "af_heart:0.6+am_adam:0.4", "bf_emma:0.5+bm_george:0.5",
]  # fmt: skip
LENGTHS = [1, 3, 6, 10, 16, 25, 40, 60, 90, 130, 180, 250, 320, 400]
LANGUAGE_OF = {"a": "en", "b": "en", "e": "es", "f": "fr", "h": "hi", "i": "it", "j": "ja", "p": "pt", "z": "zh"}
SPACELESS = {"zh", "ja"}


def sentences(language):
    """The sentences of a language; none where there is no list."""
    path = HERE / "texts" / f"{language}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def of_length(language, length, dice):
    """A text of at most about that many characters, cut between words."""
    pool = sentences(language)
    if language in SPACELESS:
        length = -(-length // 3)  # as long to say
    if length < 30:
        text = dice.choice(pool)
        if language in SPACELESS:
            return text[:length]
        words = text.split()
        if length < 4:
            return min((word.strip(".,;:!?") for word in words), key=len)
        kept = words[:1]
        while len(" ".join(kept)) < length and len(kept) < len(words):
            kept.append(words[len(kept)])
        return " ".join(kept[:-1] if len(" ".join(kept)) > length and len(kept) > 1 else kept)
    text = ""
    while len(text) < length:
        text = f"{text} {dice.choice(pool)}".strip()
    if language in SPACELESS:
        return text[:length]
    return text[:length].rsplit(" ", 1)[0] if len(text) > length and " " in text[:length] else text


def of_all_lengths(language, count, seed=1, longest=400):
    """Texts of 1 to 400 characters, as many short ones as long ones on a scale of powers."""
    dice = random.Random(seed)
    lengths = [round(longest ** ((place + 0.5) / count)) for place in range(count)]
    texts = [of_length(language, length, dice) for length in lengths]
    dice.shuffle(texts)
    return texts
