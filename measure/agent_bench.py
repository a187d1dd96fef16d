"""`bench agent`: what the agent adds to a language model's answer, against asking the model's server itself.

The server is a stand-in (`talk serve`) that waits 100 ms and then sends a piece every 20 ms. Every piece holds the
time at which it was sent."""

import json
import subprocess

import clips
from stack import BIN, Stack

FIRST_MS, PIECE_MS, PIECES = 100, 20, 50
MESSAGES = [{"role": "user", "content": "Summarize the key takeaways of this call. " * 5}]
STREAMS = 200


class Model:
    """The stand-in."""

    def __enter__(self):
        rhythm = ["--first-ms", str(FIRST_MS), "--piece-ms", str(PIECE_MS), "--pieces", str(PIECES)]
        self.process = subprocess.Popen([BIN / "talk", "serve", *rhythm], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


def talk(url, body, streams, rounds, headers=()):
    """Talks; {"begin": {p50, p95, p99, worst}, "late": {...}} in milliseconds."""
    options = [option for header in headers for option in ("--header", header)]
    counts = ["--streams", str(streams), "--rounds", str(rounds), "--pieces", str(PIECES), "--first-ms", str(FIRST_MS)]
    command = [BIN / "talk", "load", url, "--body", json.dumps(body), *counts, *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def bench():
    with Model() as model, Stack(services=("agent", "gateway"), LLM_BASE_URL=f"{model.url}/v1/", LLM_MODEL="stand-in", RATE_LIMIT_STREAMS=1000, LLM_PROVIDER="openai") as stack:
        token = [f"Authorization: Bearer {stack.token}"]
        chat = {"messages": MESSAGES, "user_id": "bench", "tools": []}
        ways = {
            "the model's server itself": (f"{model.url}/v1/chat/completions", {"model": "stand-in", "stream": True, "messages": MESSAGES}, ()),
            "the agent": (f"{stack.agent_url}/voice-agent/chat/stream", chat, ()),
            "gateway and agent": (f"{stack.url}/agent/voice-agent/chat/stream", chat, token),
        }
        columns = ["through", "begin p50", "begin p99", "piece p50", "piece p99", "piece worst", "added to begin p50", "added to piece p50", "added to piece p99"]
        for streams, rounds in ((1, 30), (STREAMS, 8)):
            rows, base = [], None
            before = stack.cpu_seconds("agent")
            for name, (url, body, headers) in ways.items():
                got = talk(url, body, streams, rounds, headers)
                begin, late = got["begin"], got["late"]
                base = base or got
                added = [begin["p50"] - base["begin"]["p50"], late["p50"] - base["late"]["p50"], late["p99"] - base["late"]["p99"]]
                rows.append([name, begin["p50"], begin["p99"], late["p50"], late["p99"], late["worst"], *added])
            clips.table(f"{streams} talk{'s' * (streams > 1)} at once, a piece every {PIECE_MS} ms in each; milliseconds late", columns, rows)
            pieces = 2 * streams * (rounds + 0) * PIECES
            clips.table("CPU of the agent", ["microseconds a piece"], [[(stack.cpu_seconds("agent") - before) / pieces * 1e6]])
        memory(stack, ways["gateway and agent"])


def memory(stack, way):
    """Resident memory after more and more talks."""
    url, body, headers = way
    rows, talks = [], 0
    for rounds in (1, 2, 4, 8):
        talk(url, body, STREAMS, rounds, headers)
        talks += STREAMS * rounds
        rows.append([talks, stack.rss_mb("agent"), stack.rss_mb("gateway")])
    clips.table(f"Memory, MB, {STREAMS} talks at once", ["talks of this table", "agent", "gateway"], rows)
