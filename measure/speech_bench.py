"""Synthesis: how soon the first sound comes, whether it stays ahead of its listener, what it costs.

    scripts/measure.sh bench speech                  everything
    scripts/measure.sh bench speech first peers      some of: peers, first, together, cancel, memory
"""

import asyncio
import os
import statistics
import sys
import time

import clips
import speech_peers as peers
from live_score import quantile
from speech_client import Listener
from speech_texts import of_all_lengths
from stack import Stack

SPEAKERS = 4
CORES = os.cpu_count()


def server(cores=None, **environment):
    """tts-server alone, English loaded, on some cores (`0` or `0-1`) or all."""
    return Stack(services=("tts-server",), cores=cores, PRELOAD="true", **environment)


def address(stack):
    return stack.tts_url.replace("http", "ws") + "/stream"


async def one_after_the_other(url, texts, **config):
    async with Listener(url, voice=peers.VOICE, **config) as listener:
        for warm in texts[:3]:
            await listener.speak(warm)
        return [await listener.speak(text) for text in texts]


def first_sound():
    """First byte over the WebSocket, and the lead over one who plays at once, one text at a time."""
    texts, rows, lengths = of_all_lengths("en", 60), [], []
    for name, cores in [("all cores", None), ("two cores", "0-1"), ("one core", "0")]:
        if cores == "0-1" and CORES <= 2:
            name, cores = "two cores", None
        elif cores is None and CORES <= 2:
            continue
        with server(cores) as stack:
            heard = asyncio.run(one_after_the_other(address(stack), texts))
        firsts = [1000 * h.first for h in heard]
        rows.append([
            name,
            len(heard),
            *(f"{quantile(firsts, q):.0f}" for q in (50, 95)),
            f"{max(firsts):.0f}",
            f"{1000 * statistics.median(h.silence for h in heard):.0f}",
            sum(h.underruns > 0 for h in heard),
            min(h.least_lead for h in heard),
            sum(h.ended - h.asked for h in heard) / sum(h.seconds for h in heard),
        ])  # fmt: skip
        for least, most in ((1, 10), (11, 50), (51, 150), (151, 400)):
            some = [1000 * h.first for h in heard if least <= len(h.text) <= most]
            if some:
                lengths.append([name, f"{least} to {most}", len(some), *(f"{quantile(some, q):.0f}" for q in (50, 95)), f"{max(some):.0f}"])
    clips.table(
        "First byte over the WebSocket, texts of 1 to 400 characters, one at a time (goals on two cores: p50 220 ms, p95 320 ms)",
        ["", "texts", "p50 ms", "p95", "max", "silence before the voice p50 ms", "texts with a gap", "least lead s", "real-time factor"],
        rows,
    )
    clips.table("By characters of the text", ["", "characters", "texts", "p50 ms", "p95", "max"], lengths)


async def speaker(url, texts, delay):
    """One who listens to each text to its end before asking for the next."""
    await asyncio.sleep(delay)
    async with Listener(url, voice=peers.VOICE) as listener:
        return [await listener.speak(text, until_played=True) for text in texts]


async def crowd(url, count):
    texts = [of_all_lengths("en", 6, seed=10 + place) for place in range(count)]
    return await asyncio.gather(*(speaker(url, own, 0.3 * place) for place, own in enumerate(texts)))


def together():
    """Several at once: each stays ahead of its listener or is told to wait."""
    rows = []
    for count in (1, 2, SPEAKERS):
        with server() as stack:
            asyncio.run(one_after_the_other(address(stack), ["Hello there."]))
            heard = [h for own in asyncio.run(crowd(address(stack), count)) for h in own]
        told = [h for h in heard if h.waits]
        firsts = [1000 * h.first for h in heard if not h.waits]
        rows.append([
            count,
            len(heard),
            len(told),
            *(f"{quantile(firsts, q):.0f}" for q in (50, 95)),
            f"{max((1000 * h.first for h in told), default=0):.0f}",
            sum(h.underruns > 0 for h in heard),
            min(h.least_lead for h in heard),
        ])  # fmt: skip
    clips.table(
        f"Speakers at once, each listens to the end before the next text, {CORES} cores",
        ["speakers", "texts", "told to wait", "first byte of the others p50 ms", "p95", "longest wait of those told ms", "texts with a gap", "least lead s"],
        rows,
    )


async def cancels(url, count):
    text = " ".join(of_all_lengths("en", 4, seed=3))
    async with Listener(url, voice=peers.VOICE) as listener:
        await listener.speak("Hello there.")
        results, again = [], []
        for place in range(count):
            results.append(await listener.cancel_after(text, 1 + 5 * (place % 4)))
            again.append(1000 * (await listener.speak("Yes, please.")).first)
        return results, again


def cancel():
    """From `cancel` until nothing comes any more, and whether the next text has the machine to itself."""
    with server() as stack:
        asyncio.run(one_after_the_other(address(stack), ["Hello there."]))
        results, again = asyncio.run(cancels(address(stack), 20))
        deadline = time.monotonic() + 2
        while (active := stack.session.get(f"{stack.tts_url}/status").json()["active"]) and time.monotonic() < deadline:
            time.sleep(0.02)
    done, late = zip(*results)
    clips.table(
        "Cancel (goal: no sound after 50 ms)",
        ["cancels", "to `cancelled` p50 ms", "max", "last sound after the cancel, max ms", "first byte of the next text p50 ms", "p95", "texts active afterwards"],
        [[len(results), f"{quantile(done, 50):.0f}", f"{max(done):.0f}", f"{max(late):.0f}", *(f"{quantile(again, q):.0f}" for q in (50, 95)), active]],
    )


async def requests(url, texts, reading):
    """Texts one after the other, every third stopped after its first sound."""
    readings = []
    async with Listener(url, voice=peers.VOICE) as listener:
        for number, text in enumerate(texts, 1):
            if number % 3 == 0:
                await listener.cancel_after(f"{text} {text} {text}", 1)
            else:
                await listener.speak(text)
            if number in (10, 100, 250, 500, 750, 1000):
                readings.append((f"after {number}", reading()))
    return readings


def memory(count=1000):
    """Resident memory of tts-server over 1,000 texts, most of them short, a few of 400 characters."""
    texts = of_all_lengths("en", count, seed=5, longest=60)
    texts[::50] = of_all_lengths("en", len(texts[::50]), seed=6)
    with server() as stack:
        reading = lambda: stack.rss_mb("tts-server")
        readings = [("loaded", reading()), *asyncio.run(requests(address(stack), texts, reading))]
    clips.table("Resident memory of tts-server, MB (goal: under 700, no growth)", [name for name, _ in readings], [[f"{mb:.0f}" for _, mb in readings]])


def ours(texts, threads):
    """Wall seconds, seconds of sound and of silence before it, of each text over the WebSocket."""
    with server(f"0-{threads - 1}" if threads > 1 else "0", ORT_THREADS=threads, TTS_WORKERS=1) as stack:
        heard = asyncio.run(one_after_the_other(address(stack), texts))
    return [h.ended - h.asked for h in heard], [h.seconds for h in heard], [h.first for h in heard]


def against_peers():
    """Real-time factor and first sound against the peers: same graph, texts, threads and run."""
    texts, rows = of_all_lengths("en", 16, seed=2), []
    every = os.sched_getaffinity(0)
    for threads in (1, 2):
        walls, sounds, firsts = ours(texts, threads)
        factor = sum(walls) / sum(sounds)
        own = [threads, "ours, over the WebSocket", sum(sounds), sum(walls), factor, "1.00", *(f"{1000 * quantile(firsts, q):.0f}" for q in (50, 95))]
        rows.append(own)
        os.sched_setaffinity(0, range(threads))
        for name, make, weights in (
            ("kokoro-onnx, fp32", peers.kokoro_onnx, "fp32.onnx"),
            ("kokoro-onnx, int8", peers.kokoro_onnx, "int8.onnx"),
            ("sherpa-onnx, fp32", peers.sherpa_onnx, "fp32.onnx"),
        ):
            times = peers.timed(make(weights, threads), texts)
            walls, sounds = [t[0] for t in times], [t[1] for t in times]
            theirs = sum(walls) / sum(sounds)
            # Their first sound comes with their last.
            rows.append([threads, name, sum(sounds), sum(walls), theirs, f"{factor / theirs:.2f}", *(f"{1000 * quantile(walls, q):.0f}" for q in (50, 95))])
            print(*rows[-1], sep="\t", file=sys.stderr)
        os.sched_setaffinity(0, every)
    clips.table(
        f"{len(texts)} texts of 1 to 400 characters, one after the other (goal: ours at most 0.8 of kokoro-onnx, fp32)",
        ["threads", "", "seconds of sound", "wall s", "real-time factor", "ours to theirs", "first sound p50 ms", "p95"],
        rows,
    )


def bench(parts=()):
    known = {"peers": against_peers, "first": first_sound, "together": together, "cancel": cancel, "memory": memory}
    for name in parts or known:
        known[name]()
