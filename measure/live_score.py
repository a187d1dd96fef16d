"""What can be said of a live session whose words are known: delays, revisions, errors."""

import difflib
import re
import statistics


def words(text):
    plain = (re.sub(r"[^\w']", "", word).lower() for word in text.split())
    return [word for word in plain if word]


def quantile(values, q):
    """The q-th percentile, by interpolation."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[q - 1]


def of_clip(messages, begins, ends):
    """Messages whose stretch has its middle between these seconds of the stream."""
    chosen = []
    for message in messages:
        start = message.body.get("start", message.body.get("end"))
        middle = (start + message.body["end"]) / 2
        if begins <= middle < ends:
            chosen.append(message)
    return chosen


def final_delay(live, clip):
    """Milliseconds from the end of the last word of a clip to its last final; None without one."""
    finals = of_clip(live.finals(), clip.begins, clip.ends)
    return 1000 * (finals[-1].at - live.sent_at(clip.speech_end)) if finals else None


def turn_delay(live, clip):
    """The same to the last `utterance_end`."""
    ends = [m for m in live.of("utterance_end") if clip.begins <= m.body["end"] < clip.ends]
    return 1000 * (ends[-1].at - live.sent_at(clip.speech_end)) if ends else None


def interim_lags(live):
    """Milliseconds that interims were behind: audio sent when they came, minus their own `end`."""
    return [1000 * (m.sent - m.body["end"]) for m in live.transcripts() if not m.final]


def interim_intervals(live):
    """Milliseconds between interims of one utterance, and from its begin to the first."""
    gaps, previous = [], None
    for message in live.messages:
        if message.kind == "speech_started":
            previous = message.at
        elif message.kind == "transcript" and not message.final:
            if previous is not None:
                gaps.append(1000 * (message.at - previous))
            previous = message.at
        elif message.kind in ("utterance_end", "transcript"):
            previous = None
    return gaps


def screens(live):
    """What a reader sees after each transcript: (words, how many of them are final before it)."""
    fixed, shown = [], []
    for message in live.transcripts():
        screen = fixed + words(message.body["text"])
        if message.final and not message.body["utterance_end"]:
            screen += shown[len(screen) :]  # it covers a part only: the rest comes again
        yield screen, len(fixed)
        shown = screen
        if message.final:
            fixed = fixed + words(message.body["text"])


def revisions(live):
    """(words that stood on two screens running, those of them later changed or removed).

    Words are followed from screen to screen by alignment: one that only moves, because a word
    before it came or went, is not changed.
    """
    shown, settled, held, taken_back = [], set(), 0, 0
    for screen, final in screens(live):
        same = difflib.SequenceMatcher(None, shown, screen, autojunk=False).get_matching_blocks()
        place = {block.a + k: block.b + k for block in same for k in range(block.size)}
        open_to_change = {old for old in settled if old >= final}
        taken_back += sum(1 for old in open_to_change if old not in place)
        fresh = {old for old in place if old >= final and old not in settled}
        held += len(fresh)
        settled = {place[old] for old in (open_to_change | fresh) if old in place}
        shown = screen
    return held, taken_back


def revisions_by_place(live):
    """The same, where a word is its place: one that moves counts as changed."""
    shown, settled, held, taken_back = [], {}, 0, 0
    for screen, final in screens(live):
        settled = {place: word for place, word in settled.items() if place >= final}
        changed = [place for place, word in settled.items() if screen[place : place + 1] != [word]]
        taken_back += len(changed)
        for place in changed:
            del settled[place]
        for place in range(final, min(len(screen), len(shown))):
            if screen[place] == shown[place] and place not in settled:
                settled[place] = screen[place]
                held += 1
        shown = screen
    return held, taken_back
