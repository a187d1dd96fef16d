"""`bench people`: reads with 100,000 calls in the table, and sign-ins."""

import concurrent.futures
import os
import subprocess
import threading
import time

import argon2
import requests

import clips
from stack import Stack

CALLS = 100_000
RATE = 1000
PASSWORD = "correct horse battery staple"

# Calls of three weeks with some fifty words each, as a call center would have them.
INSERT = f"""
INSERT INTO calls (id, organization_id, agent_id, customer_id, direction, status, transcript, duration, created_at)
SELECT gen_random_uuid(), a.organization_id, a.id, c.id, 'outbound',
       (ARRAY['completed', 'completed', 'completed', 'no-answer', 'busy'])[1 + n % 5],
       (SELECT jsonb_agg(jsonb_build_object('speaker', 'SPEAKER_0' || (s % 2), 'start', s * 4, 'end', s * 4 + 3,
               'text', 'utterance ' || s || ' about invoice ' || (n * 31 % 9973) || ' and payment on day ' || (n % 28)))
        FROM generate_series(0, 7) s),
       n % 600, now() - n * interval '18 seconds'
FROM generate_series(1, {CALLS}) n, agents a, customers c
"""


def psql(stack, statement):
    program = sorted(subprocess.run("ls /usr/lib/postgresql/*/bin/psql", shell=True, capture_output=True, text=True).stdout.split())[-1]
    answer = subprocess.run([program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", stack.database_url, "-c", statement], check=True, capture_output=True, text=True)
    return answer.stdout.strip()


def signed_up(stack):
    """A session with an account, an agent and a customer."""
    session = requests.Session()
    api = f"{stack.url}/bot/api"
    account = {"email": "owner@example.com", "password": PASSWORD}
    session.post(f"{api}/auth/signup", json=account).raise_for_status()
    session.post(f"{api}/agents", json={"name": "Sales", "voice": "af_heart"}).raise_for_status()
    session.post(f"{api}/customers", json={"name": "Jane", "phone_number": "+14155551234"}).raise_for_status()
    return session, account


def reads(stack, session):
    psql(stack, INSERT)
    psql(stack, "ANALYZE")
    one = psql(stack, "SELECT id FROM calls ORDER BY created_at LIMIT 1 OFFSET 5000")
    agent = psql(stack, "SELECT id FROM agents")
    paths = {
        "who am I": "auth/me",
        "one call": f"calls/{one}",
        "20 newest calls": "calls?limit=20",
        "20 of an agent, completed": f"calls?limit=20&agent_id={agent}&status=completed",
    }
    header = "Cookie: access_token=" + session.cookies["access_token"]
    rows = []
    for name, path in paths.items():
        direct, through = stack.load(f"{stack.bot_url}/api/{path}", f"{stack.url}/bot/api/{path}", header=header, rate=RATE)
        rows.append([name, direct["p50_ms"], direct["p99_ms"], through["p50_ms"], through["p99_ms"]])
    clips.table(f"{RATE} reads/s with {CALLS} calls, milliseconds", ["", "p50 direct", "p99 direct", "p50 through", "p99 through"], rows)
    began = time.time()
    found = session.get(f"{stack.url}/bot/api/calls", params={"q": "invoice 4242", "limit": 20})
    found.raise_for_status()
    clips.table("Full-text search", ["found (first page)", "ms"], [[len(found.json()["data"]), (time.time() - began) * 1e3]])


def sign_ins(stack, session, account):
    """Sign-ins a second beside the same hashes a second by argon2-cffi, and what they do to reads."""
    hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    hashed = hasher.hash(PASSWORD)

    def hashes(seconds):
        end, count = time.time() + seconds, 0
        while time.time() < end:
            hasher.verify(hashed, PASSWORD)
            count += 1
        return count / seconds

    # As many at once as the service allows itself: half the cores.
    alone = hashes(5) * max(1, (os.cpu_count() or 1) // 2)
    done, stop = [], threading.Event()

    def sign_in():
        client = requests.Session()
        while not stop.is_set():
            answer = client.post(f"{stack.bot_url}/api/auth/login", json=account)
            if answer.status_code == 200:
                done.append(time.time())

    header = "Cookie: access_token=" + session.cookies["access_token"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(sign_in)
        time.sleep(1)
        began, before = time.time(), len(done)
        (busy,) = stack.load(f"{stack.bot_url}/api/calls?limit=20", header=header, rate=200)
        rate = (len(done) - before) / (time.time() - began)
        stop.set()
    clips.table(
        "8 clients signing in without a pause, while 200 reads/s go on",
        ["sign-ins/s", "argon2-cffi hashes/s", "ratio", "reads p50 ms", "reads p99 ms"],
        [[rate, alone, rate / alone, busy["p50_ms"], busy["p99_ms"]]],
    )


def bench():
    limits = {"LOGIN_RPM": 1_000_000, "LOGIN_ACCOUNT_RPM": 1_000_000}
    with Stack(services=("postgres", "voice-bot", "gateway"), **limits) as stack:
        session, account = signed_up(stack)
        reads(stack, session)
        sign_ins(stack, session, account)
        clips.table("Memory, MB", ["voice-bot", "gateway"], [[stack.rss_mb("voice-bot"), stack.rss_mb("gateway")]])
