"""Work of the soak on accounts, tokens and the agent, and those who look at metrics."""

import asyncio
import random

import requests

from soak_world import TEXTS, Wrong, events, kind

PASSWORD = "correct horse battery"


@kind("sessions", rest=10)
async def sessions(world):
    """Somebody signs up, out and in again, works a little, and goes; their session renews itself once."""
    person, base = requests.Session(), f"{world.url}/bot/api"
    account = {"email": f"person{next(world.numbers)}@example.com", "password": PASSWORD}

    async def step(method, path, expect, **rest):
        answer = await asyncio.to_thread(person.request, method, f"{base}/{path}", timeout=world.patience, **rest)
        if answer.status_code != expect:
            raise Wrong(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    await step("POST", "auth/signup", 201, json=account)
    await step("POST", "auth/logout", 204)
    await step("GET", "auth/me", 401)
    await step("POST", "auth/login", 401, json={**account, "password": "wrong horse battery"})
    await step("POST", "auth/login", 200, json=account)
    await step("POST", "auth/refresh", 200)
    me = (await step("GET", "auth/me", 200)).json()
    agent = (await step("POST", "agents", 201, json={"name": "Sales", "voice": "af_heart"})).json()["id"]
    await step("PATCH", f"agents/{agent}", 200, json={"greeting": "Good morning."})
    customer = (await step("POST", "customers", 201, json={"name": "Jane", "phone_number": "+14155551234"})).json()["id"]
    await step("GET", f"customers/{customer}", 200)
    await step("DELETE", f"customers/{customer}?erase=true", 200)
    for path in ("agents", "customers", "calls?limit=20", "orgs", "audit", f"orgs/{me['organization']['id']}/members"):
        await step("GET", path, 200)
    await step("DELETE", f"agents/{agent}", 204)
    await step("POST", "auth/logout", 204)


@kind("guests", rest=30)
async def guests(world):
    person = requests.Session()
    answer = await asyncio.to_thread(person.post, f"{world.url}/bot/api/auth/guest", timeout=world.patience)
    if answer.status_code != 201 or (await asyncio.to_thread(person.get, f"{world.url}/bot/api/auth/me", timeout=world.patience)).status_code != 200:
        raise Wrong(answer.text[:200])


@kind("tokens", rest=5)
async def tokens(world):
    """One is made, used, found in the list and revoked."""
    name = f"user-{next(world.numbers)}"
    made = (await world.ask("POST", "/auth/tokens", headers=world.token, json={"user_id": name})).json()
    own = {"Authorization": f"Bearer {made['token']}"}
    await world.ask("GET", "/asr/models", headers=own)
    await world.ask("GET", "/tts/voices", headers=own)
    await world.ask("GET", "/auth/tokens", expect=(403,), headers=own)
    listed = (await world.ask("GET", f"/auth/tokens?user_id={name}", headers=world.token)).json()["tokens"]
    await world.ask("DELETE", f"/auth/tokens/{listed[0]['id']}", headers=world.token)
    await world.ask("GET", "/asr/models", expect=(401,), headers=own)
    await world.ask("GET", random.choice(["/auth/usage?limit=50", "/auth/usage/summary?days=1"]), headers=world.token)


@kind("agent", users=2, rest=5)
async def agent(world):
    """A talk, a note, a summary or an analysis."""
    user = f"soak-{random.randrange(20)}"
    what = random.choice(["talk", "note", "summary", "analysis"])
    if what == "talk":
        body = {"messages": [{"role": "user", "content": random.choice(TEXTS)}], "user_id": user, "tools": []}
        answer = await world.ask("POST", "/agent/voice-agent/chat/stream", headers=world.token, json=body)
        told = events(answer.text)
        said = "".join(event["content"] for event in told if event["type"] == "text_chunk")
        if told[-1]["type"] != "done" or not said.startswith("Yes, I can help you"):
            raise Wrong(f"{said} {told[-1]}")
    elif what == "note":
        body = {"transcript": "Take a note that the parcel is late.", "user_id": user, "language": "en"}
        note = (await world.ask("POST", "/agent/process", headers=world.token, json=body)).json()["note"]["id"]
        await world.ask("GET", f"/agent/notes?user_id={user}&limit=20", headers=world.token)
        await world.ask("DELETE", f"/agent/notes/{note}?user_id={user}", headers=world.token)
    elif what == "summary":
        await world.ask("POST", "/agent/summarize", headers=world.token, json={"text": " ".join(TEXTS)})
    else:
        segments = [{"speaker": f"SPEAKER_0{at % 2}", "start": 5 * at, "end": 5 * at + 4, "text": text} for at, text in enumerate(TEXTS)]
        body = {"segments": segments, "mode": "What was said? Answer in one sentence."}
        await world.ask("POST", "/agent/analyze", headers=world.token, json=body)


@kind("watching", rest=15)
async def watching(world):
    """As Prometheus and an operator do."""
    text = (await world.ask("GET", "/metrics")).text
    down = [line for line in text.splitlines() if line.startswith("up{") and line.endswith(" 0")]
    if down:
        raise Wrong(f"{down}")
    for path in ("/status", "/asr/status", "/tts/status", "/agent/status", "/ready"):
        await world.ask("GET", path, headers=world.token)


async def renew(world):
    """Keeps the session of `world.person`, whose cookie lives for a quarter of an hour."""
    while not world.over.is_set():
        try:
            await asyncio.wait_for(world.over.wait(), 300)
        except TimeoutError:
            answer = await asyncio.to_thread(world.person.post, f"{world.url}/bot/api/auth/refresh", timeout=world.patience)
            if answer.status_code != 200:
                world.happened("sessions", "WRONG", f"refresh: {answer.status_code} {answer.text[:200]}")
