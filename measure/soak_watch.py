"""What processes hold: memory, handles, threads, sockets, children. Read from /proc, as Linux has it."""

import dataclasses
import os
import pathlib
import statistics
import threading
import time

from live_score import quantile

TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Sample:
    """One process with its descendants. Memory in MB: `rss` as ps shows it, `anon` what belongs to it alone
    (heap, stacks), `pss` with its share of what it maps together with others."""

    at: float
    rss: float = 0.0
    anon: float = 0.0
    pss: float = 0.0
    handles: int = 0
    sockets: int = 0
    threads: int = 0
    children: int = 0
    cpu: float = 0.0


def family(pid, but=()):
    """The process and all below it, but for these and what is below them."""
    found = [pid]
    for parent in found:
        for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [child for child in map(int, task.read_text().split()) if child not in but]
            except OSError:
                pass
    return found


def fields(text):
    """`Name:   123 kB` as {"Name": MB}."""
    lines = (line.split() for line in text.splitlines())
    return {line[0][:-1]: int(line[1]) / 1024 for line in lines if len(line) == 3 and line[2] == "kB"}


def add(sample, pid):
    process = pathlib.Path(f"/proc/{pid}")
    stat = (process / "stat").read_text().rsplit(")", 1)[1].split()
    status, maps = fields((process / "status").read_text()), fields((process / "smaps_rollup").read_text())
    sample.cpu += (int(stat[11]) + int(stat[12])) / TICKS
    sample.threads += int(stat[17])
    sample.rss += status["VmRSS"]
    sample.anon += maps["Pss_Anon"]
    sample.pss += maps["Pss"]
    for handle in (process / "fd").iterdir():
        sample.handles += 1
        try:
            sample.sockets += os.readlink(handle).startswith("socket:")
        except OSError:
            pass


def sample(pid, but=()):
    """Raises OSError when the process itself is gone."""
    now = Sample(time.time())
    own, *children = family(pid, but)
    add(now, own)
    for child in children:
        try:
            add(now, child)
            now.children += 1
        except OSError:
            pass  # it has ended meanwhile
    return now


def slope(samples, of):
    """MB an hour, by least squares."""
    times, values = [s.at / 3600 for s in samples], [of(s) for s in samples]
    return statistics.linear_regression(times, values).slope if len(samples) > 2 else float("nan")


class Watch:
    """Samples of every process, each `seconds`, on a thread of its own."""

    def __init__(self, processes, seconds):
        self.processes, self.seconds = processes, seconds  # name -> pid
        self.samples = {name: [] for name in processes}
        self.trouble = []
        self.ended, self.thread = threading.Event(), threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        due = time.monotonic()
        while not self.ended.is_set():
            for name, pid in self.processes.items():
                try:
                    # The clients' process started all others.
                    others = set(self.processes.values()) - {pid}
                    self.samples[name].append(sample(pid, others))
                except OSError as error:
                    self.trouble.append(f"{name} cannot be looked at: {error}")
                    return
            due += self.seconds
            self.ended.wait(max(0.0, due - time.monotonic()))

    def stop(self):
        self.ended.set()
        self.thread.join(60)

    def between(self, name, begin, end):
        return [s for s in self.samples[name] if begin <= s.at <= end]

    def cores(self, seconds):
        """Cores that all processes kept busy during the last seconds."""
        busy = 0.0
        for samples in self.samples.values():
            late = [s for s in samples if s.at >= time.time() - seconds]
            busy += (late[-1].cpu - late[0].cpu) / (late[-1].at - late[0].at) if len(late) > 1 else 0.0
        return busy


def growth(samples, of, window):
    """(median of the first `window` seconds, median of the last, growth in percent)."""
    begin, end = samples[0].at + window, samples[-1].at - window
    first = statistics.median(of(s) for s in samples if s.at <= begin)
    last = statistics.median(of(s) for s in samples if s.at >= end)
    return first, last, 100 * (last / first - 1)


def times(seconds):
    """p50 and p95 in ms."""
    return [f"{1000 * quantile(seconds, q):.0f}" for q in (50, 95)]
