"""How what was said and what was heard are compared, language by language."""

import collections
import functools
import re
import unicodedata

import jiwer

import clips

SIGNS = {
    "es": {"%": " por ciento ", "€": " euros ", "$": " dólares ", "°c": " grados ", "º": " "},
    "fr": {"%": " pour cent ", "€": " euros ", "$": " dollars ", "°c": " degrés "},
    "it": {"%": " per cento ", "€": " euro ", "$": " dollari ", "°c": " gradi "},
    "pt": {"%": " por cento ", "€": " euros ", "r$": " reais ", "$": " dólares ", "°c": " graus ", "º": " "},
    "hi": {"%": " प्रतिशत ", "₹": " रुपये ", "।": " "},
}
GOALS = {"en": 4.0, "es": 10.0, "fr": 10.0, "it": 10.0, "pt": 10.0, "zh": 15.0, "ja": 15.0}
MONEY = re.compile(r"([€$₹]|r\$)\s*(\d+(?:[.,]\d+)*)")
KANJI = "〇一二三四五六七八九"


def plain(text, language):
    """Small letters and digits; signs as words, thousands joined, other numbers apart."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = MONEY.sub(r"\2 \1", text)
    for sign, said in SIGNS.get(language, {}).items():
        text = text.replace(sign, said)
    text = re.sub(r"(?<=\d)[., ](?=\d{3}\b)", "", text)
    text = re.sub(r"(?<=\d)\s*h\s*(?=\d|\b)", " ", text)
    # Marks of the vowels belong to their letters in Indic scripts.
    kept = (c if unicodedata.category(c)[0] in "LNM" else " " for c in text)
    return " ".join("".join(kept).split())


def romance(text, language):
    from text_to_num import alpha2digit

    return alpha2digit(plain(text, language), language)


def hindi(text):
    """In Latin letters, as Whisper may answer in another script."""
    from anyascii import anyascii
    from indic_numtowords import num2words

    text = re.sub(r"\d+", lambda found: num2words(int(found[0]), lang="hi"), plain(text, "hi"))
    return " ".join(re.sub(r"[^a-z ]", "", anyascii(text).lower()).split())


@functools.cache
def simplifier():
    from opencc import OpenCC

    return OpenCC("t2s")


def mandarin(text):
    """Simplified characters only, numbers as they are read."""
    import cn2an

    text = simplifier().convert(unicodedata.normalize("NFKC", text))
    text = re.sub(r"(?<=\d)[,](?=\d{3})", "", text)
    try:
        text = cn2an.transform(text, "an2cn")
    except ValueError:
        pass  # a number that it cannot read stays in digits
    return "".join(c for c in text.lower() if c.isalnum())


def number_in_kanji(digits):
    """A whole number below 10^12 as Japanese writes it: 1250 -> 千二百五十; codes digit by digit."""
    number, said = int(digits), ""
    if digits.startswith("0"):
        return "".join(KANJI[int(digit)] for digit in digits)
    if number == 0:
        return KANJI[0]
    for unit, name in ((10**8, "億"), (10**4, "万")):
        if number >= unit:
            said += number_in_kanji(str(number // unit)) + name
            number %= unit
    for unit, name in ((1000, "千"), (100, "百"), (10, "十")):
        if number >= unit:
            said += (KANJI[number // unit] if number // unit > 1 else "") + name
            number %= unit
    return said + (KANJI[number] if number else "")


def japanese(text):
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"(?<=\d)[,](?=\d{3})", "", text)
    text = re.sub(r"\d{1,12}", lambda found: number_in_kanji(found[0]), text)
    return "".join(c for c in text.lower() if c.isalnum() or c == "ー")


@functools.cache
def tagger():
    import fugashi

    return fugashi.Tagger()


def kana(text):
    """How it is said, by a dictionary: the same word in other characters is the same here."""
    return "".join(word.feature.pron or word.surface for word in tagger()(japanese(text)))


def english(text):
    """OpenAI's normaliser; times and dates in whichever way they are spelled."""
    text = re.sub(r"(?<![$€£\d.,])(\d{1,2})[:.](\d\d)\b", r"\1 \2", text)
    text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=\d)(?=[ap]m\b)", " ", text)
    text = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text)
    return clips.ENGLISH(text)


def normalise(text, language):
    if language == "en":
        return english(text)
    special = {"hi": hindi, "zh": mandarin, "ja": japanese}
    return special[language](text) if language in special else romance(text, language)


def by_characters(language):
    return language in ("zh", "ja")


def score(references, hypotheses, language):
    """(share of errors in percent, Counter of what became of what) of normalised texts."""
    spaced = (lambda text: " ".join(text)) if by_characters(language) else (lambda text: text)
    found = jiwer.process_words([spaced(r) for r in references], [spaced(h) or "-" for h in hypotheses])
    failed = collections.Counter()
    glue = "" if by_characters(language) else " "
    for chunks, reference, hypothesis in zip(found.alignments, found.references, found.hypotheses):
        for chunk in chunks:
            if chunk.type != "equal":
                said = glue.join(reference[chunk.ref_start_idx : chunk.ref_end_idx])
                heard = glue.join(hypothesis[chunk.hyp_start_idx : chunk.hyp_end_idx])
                failed[(said, heard)] += 1
    return 100 * found.wer, failed
