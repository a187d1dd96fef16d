"""Transcripts as the head learns them: small letters, apostrophes, spaces and action tokens."""

import re

AGES = ["AGE_0_18", "AGE_18_30", "AGE_30_45", "AGE_45_60", "AGE_60+"]
GENDERS = ["GENDER_FEMALE", "GENDER_MALE"]
INTENTS = [
    "INTENT_GREETING", "INTENT_GOODBYE", "INTENT_THANK", "INTENT_APOLOGISE",
    "INTENT_ASK_REPEAT", "INTENT_PAY", "INTENT_WEATHER", "INTENT_COMPLAINT",
]
ENTITIES = ["ENTITY_PERSON_NAME", "ENTITY_DATE", "ENTITY_MONEY", "END"]
TOKENS = ["<blank>", " ", *"abcdefghijklmnopqrstuvwxyz'", *AGES, *GENDERS, *INTENTS, *ENTITIES]
ID = {token: i for i, token in enumerate(TOKENS)}

MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
DATE = re.compile(
    r"\b((?:(?:next|last|this) )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    rf"|tomorrow|yesterday|today|tonight|(?:the )?(?:\w+(?:st|nd|rd|th) of )(?:{MONTHS})|(?:{MONTHS}) \w+(?:st|nd|rd|th))\b"
)
NUMBER = (
    "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|and)"
)
MONEY = re.compile(rf"\b((?:{NUMBER} )+(?:dollars|dollar|pounds|pound|euros|euro|cents|rupees|pence))\b")
NAME = re.compile(
    r"(?:[Mm]y name is|[Tt]his is|[Ii]t's|I'm|[Ss]peak(?:ing)? (?:to|with)|Mr|Mrs|Ms|Miss|Dr|Hi|Hello|Thanks|Hey)"
    r"\.? ([A-Z][a-z]{2,}(?: [A-Z][a-z]+)?)\b"
)
NO_NAMES = set(
    "The This That There What Good Yes And But How Are Can You Is Monday Tuesday Wednesday Thursday Friday Saturday"
    " Sunday Welcome Great Not Thanks Well".split()
)


def letters(text):
    """Words as they are spoken; None where digits hide how."""
    if re.search(r"\d", text):
        return None
    text = re.sub(r"[^a-z' ]+", " ", text.lower().replace("’", "'").replace("-", " "))
    text = re.sub(r"(^| )'+|'+( |$)", r"\1\2", re.sub(r"\s+", " ", text).strip())
    return re.sub(" +", " ", text).strip()


def tagged(raw):
    """Words with `{ENTITY_...} ... {END}` around names, else dates, else amounts."""
    text = letters(raw)
    if text is None:
        return None
    names = (letters(found[1]) for found in NAME.finditer(raw) if found[1].split()[0] not in NO_NAMES)
    for name in dict.fromkeys(names):
        text = re.sub(rf"\b{re.escape(name)}\b", f"{{ENTITY_PERSON_NAME}} {name} {{END}}", text, count=1)
    for kind, pattern in (("ENTITY_DATE", DATE), ("ENTITY_MONEY", MONEY)):
        if "{" not in text:
            text = pattern.sub(rf"{{{kind}}} \1 {{END}}", text)
    return text


def ids(text):
    """Token ids; a space on either side of every word, none doubled, none at the ends."""
    found = []
    for part in re.split(r"(\{[^}]+\})", text):
        if part.startswith("{"):
            found.append(ID[part[1:-1]])
        elif part.strip():
            found += [ID[" "], *(ID[letter] for letter in part.strip()), ID[" "]]
    spaced = []
    for token in found:
        if token != ID[" "] or (spaced and spaced[-1] != ID[" "]):
            spaced.append(token)
    while spaced and spaced[-1] == ID[" "]:
        spaced.pop()
    return spaced


def words(tokens):
    """Text of token ids without action tokens."""
    text = "".join(TOKENS[i] if len(TOKENS[i]) == 1 else " " for i in tokens)
    return re.sub(" +", " ", text).strip()
