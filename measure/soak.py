"""`make soak`: everything at once for an hour, at two thirds of what the machine can do. Nothing may grow.

scripts/soak.sh calls this. Recordings, streams, speech, calls and accounts go on together; their pace is found during
the warm-up, so that services and clients keep `--load` of the cores busy, and stays. Memory is compared under load, the first
minutes after the warm-up with the last; handles and threads when nobody is there, after the warm-up and at the end.
Fails when memory grew by more than `--growth` per cent, when handles or threads are left, and when anything was
answered as it should not be.
"""

import argparse
import asyncio
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import sys
import tempfile
import time

import requests

import soak_files
import soak_live
import soak_people
from calls_bench import Model
from clips import table
from soak_phone import ACCOUNT, NUMBER, SECRET
from soak_watch import Watch, growth, sample, slope, times
from soak_world import KINDS, World
from stack import Stack

SERVICES = ["postgres", "asr-server", "tts-server", "voice-bot", "agent", "gateway"]
# Idle connections to services are kept for a minute and a half.
SETTLED = 100.0


def memory(of):
    """What must not grow: all that is resident; of PostgreSQL without the pages that its processes share."""
    return (lambda s: s.anon) if of == "postgres" else (lambda s: s.rss)


def pool(stack):
    """Connections to PostgreSQL that voice-bot keeps: as many as were needed at once, for ten minutes."""
    lines = requests.get(f"{stack.bot_url}/metrics", timeout=30).text.splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if line.startswith("database_connections{") or line.startswith("database_connections "))


@dataclasses.dataclass
class Quiet:
    """What is held when nobody is there; `pool` is in the handles of voice-bot and the processes of PostgreSQL."""

    held: dict
    pool: int

    def of(self, name):
        """(handles, threads) without the pool."""
        own = self.held[name]
        # A process of PostgreSQL has some twenty handles.
        return own.handles - (self.pool if name == "voice-bot" else 0), own.threads - (self.pool if name == "postgres" else 0)


def look(stack):
    return Quiet({name: sample(process.pid) for name, process in stack.processes.items()}, pool(stack))


def left(before, after):
    """What is left over, in words. PostgreSQL's handles come and go with files and its own workers; a thread for
    what blocks stays for ten seconds after its last use, which may be housekeeping."""
    found = []
    for name in SERVICES:
        for what, old, new in zip(("handles", "threads"), before.of(name), after.of(name)):
            if new > old + (1 if name == "postgres" or what == "threads" else 0) and not (name == "postgres" and what == "handles"):
                found.append(f"{name}: {new - old} {what}")
    return found


async def settled(stack, before=None):
    """What is held once everybody has left; with `before`, as soon as nothing is left over, but waits longer."""
    patience = time.monotonic() + (SETTLED if before is None else 3 * SETTLED)
    while True:
        await asyncio.sleep(5)
        now = await asyncio.to_thread(look, stack)
        if time.monotonic() > patience or (before is not None and not left(before, now)):
            return now


def idle():
    """Seconds that the cores had nothing to do, since the machine started."""
    return int(pathlib.Path("/proc/stat").read_text().split()[4]) / os.sysconf("SC_CLK_TCK")


async def find_pace(world, watch, load, minutes):
    """Rests get longer while we keep more than `load` of the cores busy, and shorter while we keep less; not
    shorter when nothing is left of the cores because others use them."""
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        before = idle()
        await asyncio.sleep(30)
        busy, free = watch.cores(50), (idle() - before) / 30
        shorter = 0.8 if free > 0.1 * os.cpu_count() else 1.0
        world.pace = min(20.0, max(0.1, world.pace * min(1.3, max(shorter, busy / (load * os.cpu_count())))))
        print(f"{time.strftime('%H:%M:%S')} warming up: {busy:.2f} cores, {free:.2f} free, pace {world.pace:.2f}", flush=True)


async def go_on(watch, end):
    while time.monotonic() < end:
        await asyncio.sleep(min(300, max(1, end - time.monotonic())))
        held = ", ".join(f"{name} {watch.samples[name][-1].rss:.0f}" for name in SERVICES)
        print(f"{time.strftime('%H:%M:%S')} {watch.cores(300):.2f} cores; MB: {held}", flush=True)


async def soak(stack, arguments):
    asyncio.get_running_loop().set_default_executor(concurrent.futures.ThreadPoolExecutor(64))
    with tempfile.TemporaryDirectory() as folder:
        world = World(stack, folder, arguments.patience)
        world.pace = arguments.pace
        await world.prepare()
        # Ourselves too: what the clients need is part of the load.
        processes = {name: process.pid for name, process in stack.processes.items()}
        watch = Watch({**processes, "clients": os.getpid()}, arguments.every)
        crowd = max(1, os.cpu_count() // 2)
        start = time.monotonic()
        users = [asyncio.create_task(world.user(kind)) for kind in KINDS for _ in range(kind.users * crowd)]
        users.append(asyncio.create_task(soak_people.renew(world)))
        world.open.set()
        await find_pace(world, watch, arguments.load, arguments.warm_up)
        await world.quiet()
        before = await settled(stack)
        world.open.set()
        await asyncio.sleep(30)
        begin = time.time()
        await go_on(watch, start + 60 * arguments.minutes)
        end = time.time()
        world.over.set()
        world.open.set()
        await asyncio.gather(*users)
        after = await settled(stack, before)
        watch.stop()
    return world, watch, before, after, begin, end


def report(world, watch, before, after, begin, end, limit):
    """Prints the tables; what was wrong, in words."""
    wrong, rows = [*world.wrong, *watch.trouble, *(f"left over: {what}" for what in left(before, after))], []
    for name in SERVICES:
        samples = watch.between(name, begin, end)
        own = memory(name)
        first, last, percent = growth(samples, own, min(300, (end - begin) / 4))
        _, _, idle = growth([before.held[name], after.held[name]], own, 0)
        if percent > limit:
            wrong.append(f"{name} grew by {percent:.1f} %: {first:.1f} to {last:.1f} MB")
        pss = [f"{watch.between(name, begin, end)[at].pss:.0f}" for at in (0, -1)]
        handles, threads = (f"{getattr(before.held[name], what)} / {max(getattr(s, what) for s in samples)} / {getattr(after.held[name], what)}" for what in ("handles", "threads"))
        rows.append([name, f"{first:.1f}", f"{last:.1f}", f"{percent:+.1f}", f"{slope(samples, own):+.1f}", " to ".join(pss), f"{idle:+.1f}", handles, threads])
    minutes = (end - begin) / 60
    table(
        f"{minutes:.0f} minutes after the warm-up, {os.cpu_count()} cores, of which {busy(watch, begin, end):.2f} were busy",
        ["", "MB, begin", "end", "growth %", "MB an hour", "Pss MB", "growth % when quiet", "handles: quiet / most / quiet", "threads"],
        rows,
    )
    names = [kind.name for kind in KINDS]
    table(
        "What was asked",
        ["", "done", "busy", "wrong", "p50 ms", "p95"],
        [[name, *(world.outcomes[name][of] for of in ("done", "busy", "WRONG")), *times(world.taken[name])] for name in names if world.taken[name]],
    )
    wrong += [f"nobody got through with {name}" for name in names if not world.outcomes[name]["done"]]
    return wrong


def busy(watch, begin, end):
    """Cores, on average."""
    chosen = [watch.between(name, begin, end) for name in watch.samples]
    return sum((samples[-1].cpu - samples[0].cpu) / (samples[-1].at - samples[0].at) for samples in chosen)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60, help="in all, the warm-up included")
    parser.add_argument("--warm-up", type=float, default=10, help="minutes")
    parser.add_argument("--load", type=float, default=0.65, help="share of the cores to be kept busy")
    parser.add_argument("--pace", type=float, default=1.0, help="that the warm-up begins with; rests are longer above 1")
    parser.add_argument("--growth", type=float, default=5.0, help="per cent")
    parser.add_argument("--patience", type=float, default=90.0, help="seconds after which an answer is missing")
    parser.add_argument("--every", type=float, default=15.0, help="seconds between samples")
    parser.add_argument("--samples", type=pathlib.Path, help="file for all samples, as JSON")
    arguments = parser.parse_args()
    limits = {"RATE_LIMIT_CHARACTERS": 100_000_000, "RATE_LIMIT_STREAMS": 1000, "LOGIN_RPM": 1_000_000, "SIGNUP_RPM": 1_000_000, "AUTH_FAILURES_RPM": 1_000_000, "EMAILS_PER_HOUR": 10_000}
    twilio = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": SECRET, "TWILIO_PHONE_NUMBER": NUMBER, "TWILIO_API_URL": "http://127.0.0.1:9"}
    with Model(delay=0.3, pace=0.02) as model:
        thinks = {"LLM_PROVIDER": "openai", "LLM_BASE_URL": model.url, "LLM_MODEL": "test", "LLM_API_KEY": "test"}
        stack = Stack(services=SERVICES, VARIANT=os.environ.get("VARIANT", "en-full"), **limits, **twilio, **thinks)
        stack.environment["PUBLIC_URL"] = stack.url
        with stack:
            world, watch, *rest = asyncio.run(soak(stack, arguments))
    if arguments.samples:
        arguments.samples.write_text(json.dumps({name: [dataclasses.asdict(s) for s in samples] for name, samples in watch.samples.items()}))
    wrong = report(world, watch, *rest, arguments.growth)
    for text in wrong:
        print(f"WRONG {text}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
