"""`make bench`: speed and memory, against a peer in the same run where there is one.

    make bench                            everything
    scripts/measure.sh bench batch        only one part: batch, whisper, gateway, memory, live,
                                          people, agent, tags, decoding, speech or calls (`speech first
                                          cancel` or `calls latency` take less, `tags hour` more)
"""

import json
import subprocess
import sys
import tempfile
import time

import jiwer

import agent_bench
import calls_bench
import clips
import decoding
import live
import people_bench
import speech_bench
import tags_bench
from recordings import long_recording
from stack import BIN, Stack

THREADS = (1, 2)


def onnx_seconds(stack):
    """Seconds spent inside ONNX Runtime since the start, from the service's own metrics."""
    text = stack.session.get(f"{stack.asr_url}/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("onnx_run_seconds_sum")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def batch():
    """English batch through the gateway."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, Stack(VARIANT="en-lite") as stack:
        stack.transcribe(long_recording(folder, 10), metadata="false")
        for seconds in (60, 600):
            path = long_recording(folder, seconds)
            best = None
            for _ in range(3):
                onnx, cpu, began = onnx_seconds(stack), stack.cpu_seconds("asr-server"), time.time()
                result = stack.transcribe(path, metadata="false")
                wall = time.time() - began
                onnx, cpu = onnx_seconds(stack) - onnx, stack.cpu_seconds("asr-server") - cpu
                best = min(best or (wall, onnx, cpu), (wall, onnx, cpu))
            wall, onnx, cpu = best
            rows.append([f"{result['duration']:.0f} s", f"{wall:.2f}", f"{wall / result['duration']:.4f}", f"{onnx:.2f}", f"{100 * (wall - onnx) / onnx:.0f} %", f"{cpu:.2f}"])
    clips.table(
        "English batch, Moonshine, MP3 through the gateway, two cores (best of 3)",
        ["audio", "wall s", "RTF", "in ONNX Runtime s", "overhead", "CPU s"],
        rows,
    )


def peer_times(chosen, threads):
    """Wall seconds and texts of faster-whisper base int8, greedy, on the same clips."""
    from faster_whisper import WhisperModel

    directory = subprocess.run([BIN / "models", "path", "whisper-base-ct2"], check=True, capture_output=True, text=True).stdout.strip()
    model = WhisperModel(directory, device="cpu", compute_type="int8", cpu_threads=threads)

    def run(clip):
        segments, _ = model.transcribe(str(clip.path), language="en", beam_size=1, without_timestamps=True)
        return " ".join(segment.text for segment in segments)

    run(chosen[0])
    began = time.time()
    texts = [run(clip) for clip in chosen]
    return time.time() - began, texts


def our_times(chosen, model, threads):
    """Wall seconds and texts of our gateway, one request after the other, files over HTTP."""
    with Stack(VARIANT="all", PRELOAD="false", ORT_THREADS=threads, ASR_WORKERS=1) as stack:
        stack.transcribe(chosen[0].path, model=model, language="en", metadata="false")
        began = time.time()
        texts = [stack.transcribe(clip.path, model=model, language="en", metadata="false")["transcript"] for clip in chosen]
        return time.time() - began, texts


def whisper():
    """Whisper base on clips of 2 to 10 s against faster-whisper on the same weights."""
    chosen = [c for c in clips.load() if c.language == "en" and 2 <= c.seconds <= 10]
    references = [c.normalise(c.text) for c in chosen]
    error = lambda texts: 100 * jiwer.wer(references, [clips.ENGLISH(t) or "-" for t in texts])
    rows = []
    for threads in THREADS:
        peer, peer_texts = peer_times(chosen, threads)
        ours, our_texts = our_times(chosen, "whisper-base", threads)
        rows.append([threads, len(chosen), peer, ours, f"{ours / peer:.2f}", error(peer_texts), error(our_texts)])
    clips.table(
        "Whisper base, clips of 2-10 s: faster-whisper int8 greedy against ours through the gateway",
        ["threads", "clips", "peer wall s", "our wall s", "ratio", "peer WER", "our WER"],
        rows,
    )


def gateway():
    """What the gateway adds to a request, at a fixed rate."""
    with Stack(VARIANT="en-lite") as stack:
        urls = f"{stack.asr_url}/health", f"{stack.url}/asr/health"
        runs = [stack.load(*urls, header=f"Authorization: Bearer {stack.token}") for _ in range(3)]
        direct, through = min(runs, key=lambda run: run[1]["p99_ms"] - run[0]["p99_ms"])
        clips.table(
            "Gateway at 500 requests/s, milliseconds (best of 3)",
            ["p50 direct", "p50 through", "p99 direct", "p99 through", "p99 added", "gateway memory MB"],
            [[direct["p50_ms"], through["p50_ms"], direct["p99_ms"], through["p99_ms"], through["p99_ms"] - direct["p99_ms"], stack.rss_mb("gateway")]],
        )


def memory():
    """Resident memory of asr-server with Moonshine and VAD over 500 requests."""
    chosen = [c for c in clips.load("librispeech_test_other", "ljspeech", "speechocean762_train")]
    with Stack(VARIANT="en-lite") as stack:
        readings = [("start", stack.rss_mb("asr-server"))]
        for index in range(500):
            stack.transcribe(chosen[index % len(chosen)].path, word_timestamps="true")
            if index + 1 in (100, 200, 300, 400, 500):
                readings.append((f"after {index + 1}", stack.rss_mb("asr-server")))
        readings.append(("gateway", stack.rss_mb("gateway")))
        clips.table("Resident memory, MB: asr-server (Moonshine, VAD), then the gateway", [name for name, _ in readings], [[f"{mb:.0f}" for _, mb in readings]])


def main():
    parts = {"batch": batch, "whisper": whisper, "gateway": gateway, "memory": memory, "live": live.bench, "speech": speech_bench.bench, "people": people_bench.bench, "agent": agent_bench.bench, "calls": calls_bench.bench, "tags": lambda: tags_bench.bench([]), "decoding": lambda: decoding.bench([])}
    detailed = {"tags": tags_bench.bench, "speech": speech_bench.bench, "calls": calls_bench.bench, "decoding": decoding.bench}
    if sys.argv[1:] and sys.argv[1] in detailed:
        return detailed[sys.argv[1]](sys.argv[2:])
    for name in sys.argv[1:] or parts:
        parts[name]()


main()
