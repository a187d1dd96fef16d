"""Live recognition: how soon words come, whether they stay, and whether they are right."""

import asyncio
import time

import jiwer

import clips
import live_clips
import live_peer
import live_score as score
from aligner import samples
from live_client import CHUNK, RATE, idle, session
from stack import Stack

STREAMS = 8
CLIPS_OF_EIGHT = 10
IDLE = 200
ENGLISH_SETS = ["librispeech_test_other", "ljspeech", "speechocean762_train"]
COLUMNS = ["", "end of speech to final p50 ms", "p95", "to utterance_end p50", "p95", "clips with a final", "WER"]


def address(stack):
    return stack.url.replace("http", "ws") + "/asr/stream"


def error_rate(pairs):
    """WER in percent of (clip, text) pairs."""
    references = [clip.normalise(clip.text) for clip, _ in pairs]
    return 100 * jiwer.wer(references, [clip.normalise(text) or "-" for clip, text in pairs])


def heard(live, spoken):
    """(clip, what was heard of it) for each."""
    finals = live.finals()
    return [(s.clip, " ".join(m.body["text"] for m in score.of_clip(finals, s.begins, s.ends))) for s in spoken]


def delays(live, spoken):
    values = [score.final_delay(live, s) for s in spoken], [score.turn_delay(live, s) for s in spoken]
    return [[value for value in of if value is not None] for of in values]


def row(name, live, spoken):
    final, turn = delays(live, spoken)
    cells = [f"{score.quantile(of, q):.0f}" for of in (final, turn) for q in (50, 95)]
    return [name, *cells, f"{len(final)} of {len(spoken)}", error_rate(heard(live, spoken))]


def by_clip(live, spoken):
    for piece in spoken:
        finals = score.of_clip(live.finals(), piece.begins, piece.ends)
        final, turn = score.final_delay(live, piece), score.turn_delay(live, piece)
        computing = finals[-1].body["process_ms"] if finals else None
        yield [piece.clip.path.stem, *("-" if value is None else f"{value:.0f}" for value in (final, computing, turn))]


def lateness(lives):
    """p99 of how late we ourselves sent, milliseconds: above a few, the figures say nothing."""
    late = [1000 * (at - live.began - (i + 1) * CHUNK / RATE) for live in lives for i, at in enumerate(live.departures)]
    return score.quantile(late, 99)


def flow(lives):
    """Cells about interims of these sessions."""
    gaps = [gap for live in lives for gap in score.interim_intervals(live)]
    lags = [lag for live in lives for lag in score.interim_lags(live)]
    followed, placed = ([sum(n) for n in zip(*map(count, lives))] for count in (score.revisions, score.revisions_by_place))
    return [
        len(lags),
        *(f"{score.quantile(gaps, q):.0f}" for q in (50, 95)),
        *(f"{score.quantile(lags, q):.0f}" for q in (50, 95)),
        f"{max(lags, default=float('nan')):.0f}",
        followed[0],
        *(f"{100 * back / max(held, 1):.1f} %" for held, back in (followed, placed)),
    ]


FLOW = ["interims", "interval p50 ms", "p95", "lag p50 ms", "p95", "max", "words shown twice", "taken back", "by place"]


def one_stream(chosen):
    """One stream at the pace of speech, against the peer and against batch."""
    audio, spoken = live_clips.stream(chosen)
    rows, flows, late = [], [], 0.0
    with Stack(VARIANT="en-lite") as stack:
        warm = live_clips.stream(chosen[:1])[0]
        asyncio.run(session(address(stack), stack.token, warm, paced=False))
        runs = {}
        for name, config in (("default", {}), ("endpointing_ms=200", {"endpointing_ms": 200})):
            cpu, began = stack.cpu_seconds("asr-server"), time.time()
            runs[name] = live = asyncio.run(session(address(stack), stack.token, audio, **config))
            cpu = 100 * (stack.cpu_seconds("asr-server") - cpu) / (time.time() - began)
            rows.append(row(name, live, spoken))
            flows.append([name, *flow([live]), f"{cpu:.0f} %"])
            late = max(late, lateness([live]))
        batch = error_rate([(clip, stack.transcribe(clip.path, language="en")["transcript"]) for clip in chosen])
    rows.append(["batch, the same clips", "", "", "", "", "", batch])
    peer = live_peer.session(audio)
    rows.append(row("Vosk small, in process", peer, spoken))
    ours, theirs = delays(runs["default"], spoken)[0], delays(peer, spoken)[0]
    ratio = score.quantile(ours, 50) / score.quantile(theirs, 50)
    clips.table(f"One English stream at the pace of speech, {len(chosen)} sentences, through the gateway", COLUMNS, rows)
    print(f"\nMedian against Vosk's: {ratio:.2f}. The client itself was {late:.1f} ms late (p99).")
    clips.table("Interims of the same streams", ["", *FLOW, "CPU of a core"], flows)
    clips.table("Clip by clip, default, milliseconds", ["clip", "to its final", "of it computing", "to utterance_end"], by_clip(runs["default"], spoken))
    return runs["default"], spoken


async def together(stack, streams):
    sessions = [session(address(stack), stack.token, audio, delay=0.37 * i) for i, (audio, _) in enumerate(streams)]
    return await asyncio.gather(*sessions)


def eight_streams(chosen, alone):
    """Eight at once, each with other clips, against one alone."""
    order = lambda i: [chosen[(i * len(chosen) // STREAMS + k) % len(chosen)] for k in range(CLIPS_OF_EIGHT)]
    streams = [live_clips.stream(order(i)) for i in range(STREAMS)]
    with Stack(VARIANT="en-lite") as stack:
        asyncio.run(session(address(stack), stack.token, live_clips.stream(chosen[:1])[0], paced=False))
        cpu, began = stack.cpu_seconds("asr-server"), time.time()
        lives = asyncio.run(together(stack, streams))
        cpu = 100 * (stack.cpu_seconds("asr-server") - cpu) / (time.time() - began)
    single = {clip.path: text for clip, text in heard(*alone)}
    final, pairs = [], []
    for live, (_, spoken) in zip(lives, streams):
        final += delays(live, spoken)[0]
        pairs += heard(live, spoken)
    clips.table(
        f"{STREAMS} English streams at once, {CLIPS_OF_EIGHT} sentences each",
        [*FLOW, "final p50 ms", "p95", "clips with a final", "WER", "WER of one stream alone", "CPU of a core"],
        [[
            *flow(lives),
            *(f"{score.quantile(final, q):.0f}" for q in (50, 95)),
            f"{sum(1 for _, text in pairs if text)} of {len(pairs)}",
            error_rate(pairs),
            error_rate([(clip, single[clip.path]) for clip, _ in pairs]),
            f"{cpu:.0f} %",
        ]],
    )
    print(f"\nThe client itself was {lateness(lives):.1f} ms late (p99).")
    for clip, text in pairs:
        if not text:
            print(f"Nothing was heard of {clip.path.stem}: {clip.text}")


def idle_memory():
    """What a connected stream that hears quiet costs."""
    with Stack(VARIANT="en-lite", RATE_LIMIT_STREAMS=2 * IDLE, ASR_STREAMS=2 * IDLE) as stack:
        quiet, warm = live_clips.low_noise(2.0), live_clips.stream(live_clips.sentences()[:1])[0]
        asyncio.run(session(address(stack), stack.token, warm, paced=False))
        reading = lambda: [stack.rss_mb(name) for name in ("asr-server", "gateway")]
        before = reading()
        after = asyncio.run(idle(address(stack), stack.token, quiet, IDLE, reading))
    cells = [f"{(b - a) / IDLE:.3f}" for a, b in zip(before, after)]
    clips.table(
        f"Memory of a stream that hears quiet, MB (of {IDLE})",
        ["asr-server before", "with all", "each", "gateway before", "with all", "each"],
        [[before[0], after[0], cells[0], before[1], after[1], cells[1]]],
    )


def bench():
    chosen = live_clips.sentences()
    eight_streams(chosen, one_stream(chosen))
    idle_memory()


def streamed(stack, clip, **options):
    return asyncio.run(session(address(stack), stack.token, samples(clip.path), **options)).text()


def accuracy():
    """WER of live recognition against batch, and whether the pace matters."""
    rows = []
    with Stack(VARIANT="en-lite") as stack:
        for dataset in ENGLISH_SETS:
            chosen = [c for c in clips.load(dataset) if c.language == "en"]
            batch = [(c, stack.transcribe(c.path, language="en")["transcript"]) for c in chosen]
            live = [(c, streamed(stack, c, paced=False)) for c in chosen]
            rows.append([dataset, len(chosen), error_rate(batch), error_rate(live), error_rate(live) - error_rate(batch)])
        few = [c for c in live_clips.sentences() if c.seconds < 5]
        fast, slow = ([(c, streamed(stack, c, paced=paced)) for c in few] for paced in (False, True))
    clips.table("Live against batch, Moonshine (WER %)", ["set", "clips", "batch", "live, as fast as it goes", "difference"], rows)
    clips.table(
        f"Live, {len(few)} clips as fast as it goes and at the pace of speech",
        ["WER fast", "WER paced", "clips with other words"],
        [[error_rate(fast), error_rate(slow), sum(a != b for a, b in zip(fast, slow))]],
    )
