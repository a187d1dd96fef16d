"""Kills the services of a running gateway, in turn and then at random, while it is used.

`scripts/chaos.sh MINUTES` starts the gateway and calls this. What must hold: a killed process is
back within LIMIT seconds, the others go on, callers are told (503, or an error frame before a close),
and whatever was acknowledged is there at the end. Prints a table; fails when something did not hold.
"""

import argparse
import collections
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time

import requests
import websockets.exceptions
from websockets.sync.client import connect

SERVICES = ["postgres", "asr-server", "tts-server", "voice-bot", "agent", "gateway"]
# What a user of each kind needs.
NEEDS = {
    "batch": {"asr-server", "gateway"},
    "stream": {"asr-server", "gateway"},
    "speech": {"tts-server", "gateway"},
    "agents": {"voice-bot", "postgres", "gateway"},
    "tokens": {"gateway"},
    "notes": {"agent", "gateway"},
}
TEXT = "The harbour opens early in the morning, and the boats leave before anybody is awake."


class World:
    """Addresses, what happened, and what was acknowledged."""

    def __init__(self, arguments):
        self.url, self.ports = arguments.url, json.loads(arguments.ports)
        self.token = arguments.token
        self.over, self.lock = threading.Event(), threading.Lock()
        self.outcomes = collections.defaultdict(collections.Counter)
        self.wrong, self.kept = [], {"agents": [], "tokens": [], "notes": []}
        self.down = {}  # service -> (killed, back) of its last kill
        self.session_cookies = None
        self.sound = b""

    def happened(self, kind, outcome, detail=""):
        with self.lock:
            self.outcomes[kind][outcome] += 1
            if outcome == "WRONG":
                self.wrong.append(f"{kind}: {detail}")

    def fault(self, kind, began):
        """Whether something that this kind needs was down since `began`, or just before."""
        with self.lock:
            return any(s in self.down and self.down[s][1] + 2 >= began for s in NEEDS[kind])

    def gateway_was_killed(self, began):
        with self.lock:
            return "gateway" in self.down and self.down["gateway"][1] + 2 >= began

    def headers(self):
        return {"Authorization": f"Bearer {self.token}"}


def judge(world, kind, began, response):
    """An answer that is no success must say so as documented, and only when something is down."""
    try:
        code = response.json()["error"]["code"]
    except (ValueError, KeyError, TypeError):
        code = "no envelope"
    told = response.status_code in (502, 503, 504, 500) and code != "no envelope"
    busy = code in ("overloaded", "rate_limited")
    if busy:
        world.happened(kind, "busy")
    elif told and response.status_code == 503 and world.fault(kind, began):
        world.happened(kind, "told 503")
    else:
        world.happened(kind, "WRONG", f"{response.status_code} {code} {response.text[:200]}")


def broken(world, kind, began, error):
    """A connection that breaks: allowed to the gateway's own clients when it was killed, and to an answer under way."""
    if world.gateway_was_killed(began):
        world.happened(kind, "cut with the gateway")
    elif isinstance(error, requests.exceptions.ChunkedEncodingError) and world.fault(kind, began):
        world.happened(kind, "cut in the answer")
    else:
        world.happened(kind, "WRONG", repr(error)[:300])


def repeated(kind):
    """Runs a use of the gateway again and again until it is over."""

    def decorate(use):
        def run(world):
            while not world.over.is_set():
                began = time.time()
                try:
                    use(world, began)
                except requests.exceptions.RequestException as error:
                    broken(world, kind, began, error)
                world.over.wait(random.uniform(0.05, 0.4))

        return run

    return decorate


@repeated("batch")
def batch(world, began):
    answer = requests.post(f"{world.url}/asr/transcribe", headers=world.headers(), files={"file": ("a.wav", world.sound)}, timeout=60)
    if answer.status_code != 200:
        return judge(world, "batch", began, answer)
    heard = "morning" in answer.json()["transcript"].lower()
    world.happened("batch", "done" if heard else "WRONG", f"heard {answer.json()['transcript']!r}")


@repeated("speech")
def speech(world, began):
    answer = requests.post(
        f"{world.url}/tts/synthesize", headers=world.headers(), json={"text": TEXT, "format": "wav"}, timeout=60
    )
    if answer.status_code != 200:
        return judge(world, "speech", began, answer)
    whole = len(answer.content) > 100_000
    world.happened("speech", "done" if whole else "WRONG", f"{len(answer.content)} bytes with status 200")


@repeated("agents")
def agents(world, began):
    name = f"agent-{time.time_ns()}"
    body = {"name": name, "system_prompt": "Be brief.", "greeting": "Hello"}
    answer = requests.post(f"{world.url}/bot/api/agents", cookies=world.session_cookies, json=body, timeout=30)
    if answer.status_code != 201:
        return judge(world, "agents", began, answer)
    world.happened("agents", "done")
    with world.lock:
        world.kept["agents"].append(name)


@repeated("tokens")
def tokens(world, began):
    name = f"user-{time.time_ns()}"
    answer = requests.post(f"{world.url}/auth/tokens", headers=world.headers(), json={"user_id": name}, timeout=30)
    if answer.status_code != 200 and answer.status_code != 201:
        return judge(world, "tokens", began, answer)
    world.happened("tokens", "done")
    with world.lock:
        world.kept["tokens"].append(name)


@repeated("notes")
def notes(world, began):
    name = f"note {time.time_ns()}"
    body = {"transcript": f"Take a note that {name}.", "user_id": "chaos", "language": "en"}
    answer = requests.post(f"{world.url}/agent/process", headers=world.headers(), json=body, timeout=30)
    if answer.status_code != 200:
        return judge(world, "notes", began, answer)
    world.happened("notes", "done")
    with world.lock:
        world.kept["notes"].append(answer.json()["note"]["id"])


def stream(world):
    samples = world.sound[44:]
    while not world.over.is_set():
        began = time.time()
        try:
            one_stream(world, began, samples)
        except (OSError, websockets.exceptions.InvalidHandshake, websockets.exceptions.InvalidMessage, EOFError) as error:
            status = getattr(getattr(error, "response", None), "status_code", None)
            if status == 503 and world.fault("stream", began):
                world.happened("stream", "told 503")
            elif world.gateway_was_killed(began):
                world.happened("stream", "cut with the gateway")
            else:
                world.happened("stream", "WRONG", repr(error)[:300])
        world.over.wait(0.2)


def one_stream(world, began, samples):
    address = world.url.replace("http", "ws") + "/listen?sample_rate=24000"
    with connect(address, additional_headers=world.headers(), open_timeout=30, max_size=None) as socket:
        messages = []

        def read():
            try:
                for message in socket:
                    messages.append(json.loads(message))
            except websockets.exceptions.ConnectionClosed:
                pass

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for at in range(0, len(samples), 9600):
                socket.send(samples[at : at + 9600])
                time.sleep(0.05)
            socket.send('{"type":"end"}')
        except websockets.exceptions.ConnectionClosed:
            pass
        reader.join(60)
        code = socket.close_code
    last = messages[-1]["type"] if messages else "nothing"
    if code == 1000 and last == "end":
        world.happened("stream", "done")
    elif last == "error" and world.fault("stream", began):
        world.happened("stream", f"told, close {code}")
    elif world.gateway_was_killed(began):
        world.happened("stream", "cut with the gateway")
    else:
        world.happened("stream", "WRONG", f"close {code} after {last}")


class Keeper:
    """supervisord, through its own client."""

    def __init__(self, configuration):
        self.command = ["supervisorctl", "-c", configuration]

    def pids(self):
        text = subprocess.run([*self.command, "status"], capture_output=True, text=True).stdout
        rows = [line.split() for line in text.splitlines()]
        return {row[0]: int(row[3].rstrip(",")) for row in rows if len(row) > 3 and row[1] == "RUNNING" and row[2] == "pid"}


def ready(world, service):
    """Whether a service does its work again."""
    port = world.ports["voice-bot" if service == "postgres" else service]
    # The gateway itself is back when it answers; its /ready speaks for the others.
    path = "/health" if service == "gateway" else "/ready"
    try:
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=2).status_code == 200
    except requests.exceptions.RequestException:
        return False


def kill(world, keeper, service, times, limit):
    before = {name: pid for name, pid in all_pids(keeper).items()}
    pid = before[service]
    with world.lock:
        world.down[service] = (time.time(), float("inf"))
    began = time.time()
    os.kill(pid, signal.SIGKILL)
    while ready(world, service):
        # PostgreSQL's death is noticed a moment later.
        if time.time() - began > 1:
            break
        time.sleep(0.01)
    while not ready(world, service):
        if time.time() - began > 60:
            raise SystemExit(f"{service} is not back after a minute")
        time.sleep(0.05)
    took = time.time() - began
    with world.lock:
        world.down[service] = (began, time.time())
    times[service].append(took)
    if took > limit:
        world.happened(service, "WRONG", f"back after {took:.1f} s")
    after = all_pids(keeper)
    for name in SERVICES:
        if name != service and after.get(name) != before.get(name):
            world.happened(name, "WRONG", f"was restarted when {service} was killed")


def all_pids(keeper):
    """Of all services; waits while supervisord calls one that has just begun `STARTING`."""
    for _ in range(200):
        pids = keeper.pids()
        if len(pids) == len(SERVICES):
            return pids
        time.sleep(0.1)
    raise SystemExit(f"not all services run: {pids}")


def pages(address, query, **request):
    """All of a list, page by page."""
    items, cursor = [], None
    while True:
        query = {**query, "limit": 100, **({"cursor": cursor} if cursor else {})}
        page = requests.get(address, params=query, timeout=60, **request).json()
        items += page["data"]
        cursor = page.get("next_cursor")
        if not cursor:
            return items


def check_kept(world):
    names = {agent["name"] for agent in pages(f"{world.url}/bot/api/agents", {}, cookies=world.session_cookies)}
    lost = [name for name in world.kept["agents"] if name not in names]
    users = {token["user_id"] for token in requests.get(f"{world.url}/auth/tokens", headers=world.headers(), timeout=60).json()["tokens"]}
    lost += [name for name in world.kept["tokens"] if name not in users]
    ids = {note["id"] for note in pages(f"{world.url}/agent/notes", {"user_id": "chaos"}, headers=world.headers())}
    lost += [note for note in world.kept["notes"] if note not in ids]
    for name in lost:
        world.happened("kept", "WRONG", f"{name} was acknowledged and is gone")
    return sum(map(len, world.kept.values())), len(lost)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--ports", required=True, help="JSON, service to port")
    parser.add_argument("--token", required=True)
    parser.add_argument("--configuration", default="supervisord.conf")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--limit", type=float, default=5.0)
    world = World(parser.parse_args())
    arguments = parser.parse_args()

    signed = requests.post(f"{world.url}/bot/api/auth/signup", json={"email": "chaos@example.com", "password": "securepass123"}, timeout=30)
    assert signed.status_code == 201, signed.text
    world.session_cookies = signed.cookies
    said = requests.post(f"{world.url}/tts/synthesize", headers=world.headers(), json={"text": TEXT, "format": "wav"}, timeout=60)
    world.sound = said.content

    users = [threading.Thread(target=use, args=(world,)) for use in (batch, stream, speech, agents, tokens, notes)]
    for user in users:
        user.start()
    keeper, times = Keeper(arguments.configuration), collections.defaultdict(list)
    end, order = time.time() + arguments.minutes * 60, list(SERVICES)
    while time.time() < end:
        kill(world, keeper, order.pop(0) if order else random.choice(SERVICES), times, arguments.limit)
        time.sleep(random.uniform(1, 5))
    world.over.set()
    for user in users:
        user.join(90)
    kept, lost = check_kept(world)

    print(f"\n{'killed':<12}{'times':>6}{'back after, s: median':>24}{'worst':>8}")
    for service in SERVICES:
        took = times[service] or [float("nan")]
        print(f"{service:<12}{len(times[service]):>6}{statistics.median(took):>24.2f}{max(took):>8.2f}")
    print()
    for kind, outcomes in world.outcomes.items():
        print(f"{kind:<12}" + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
    print(f"acknowledged: {kept}, lost: {lost}")
    for text in world.wrong[:40]:
        print(f"WRONG {text}")
    sys.exit(1 if world.wrong else 0)


if __name__ == "__main__":
    main()
