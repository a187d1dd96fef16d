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


def revisions(live):
    """(taken back, moved, held): words shown in two transcripts running, and what became of them.

    The text on the screen is all finals and the newest interim. `held` counts words that stood on
    two screens running, `taken back` those of them that were later changed or removed, `moved`
    those that stayed but got another place because words before them came or went.
    """
    fixed, shown, settled = [], [], set()
    taken_back = moved = held = 0
    for message in live.transcripts():
        screen = fixed + words(message.body["text"])
        if message.final and not message.body["utterance_end"]:
            screen += shown[len(screen) :]  # it covers a part only: the rest comes again
        same = difflib.SequenceMatcher(None, shown, screen, autojunk=False).get_matching_blocks()
        place = {block.a + k: block.b + k for block in same for k in range(block.size)}
        taken_back += sum(1 for old in settled if old not in place)
        moved += sum(1 for old in settled if place.get(old, old) != old)
        held += sum(1 for old in place if old not in settled and old >= len(fixed))
        settled = {new for old, new in place.items() if old in settled or old >= len(fixed)}
        shown = screen
        if message.final:
            fixed = fixed + words(message.body["text"])
            settled = {new for new in settled if new >= len(fixed)}
    return taken_back, moved, held
