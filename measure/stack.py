"""Starts services on free ports with throw-away data, for measuring."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time

import requests

BIN = pathlib.Path(os.environ["BIN_DIR"])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def rss_mb(pid):
    """Resident memory of a process in MB (VmRSS)."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} is gone")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


UPSTREAMS = {"asr-server": "asr", "tts-server": "tts", "voice-bot": "bot", "agent": "agent"}


def command(name):
    """How a service is started: as supervisord.conf does."""
    scripts = pathlib.Path(__file__).parent.parent / "scripts"
    return ["bash", scripts / "postgres.sh"] if name == "postgres" else [BIN / name]


class Stack:
    """A running gateway with recognition, or what else `services` names.
    `with Stack(VARIANT="en-lite") as stack: stack.transcribe(path)`."""

    def __init__(self, services=("asr-server", "gateway"), cores=None, **environment):
        self.data = tempfile.TemporaryDirectory(prefix="whissle-measure-")
        self.services, self.cores = services, cores
        self.asr_port, self.tts_port, self.bot_port, self.agent_port, self.port = (free_port() for _ in range(5))
        # PostgreSQL's own user must be able to pass through to its data.
        self.postgres = tempfile.TemporaryDirectory(prefix="whissle-measure-postgres-")
        os.chmod(self.postgres.name, 0o711)
        socket_folder = f"{self.postgres.name}/socket"
        self.database_url = f"postgresql://whissle@{socket_folder.replace('/', '%2F')}/whissle"
        self.environment = {
            **os.environ,
            "DATA_DIR": self.data.name,
            "AUTH_DB_PATH": f"{self.data.name}/auth/tokens.db",
            "ASR_PORT": str(self.asr_port),
            "ASR_URL": f"http://127.0.0.1:{self.asr_port}",
            "TTS_PORT": str(self.tts_port),
            "TTS_URL": f"http://127.0.0.1:{self.tts_port}",
            "BOT_PORT": str(self.bot_port),
            "BOT_URL": f"http://127.0.0.1:{self.bot_port}",
            "AGENT_PORT": str(self.agent_port),
            "AGENT_URL": f"http://127.0.0.1:{self.agent_port}",
            "PGDATA": f"{self.postgres.name}/pgdata",
            "PGSOCKET": socket_folder,
            "DATABASE_URL": self.database_url,
            "UPSTREAMS": ",".join(UPSTREAMS[name] for name in services if name in UPSTREAMS),
            "GATEWAY_PORT": str(self.port),
            "PRELOAD": "true",
            # As scripts/environment.sh has it.
            "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
            "RATE_LIMIT_RPM": "1000000",
            "RUST_LOG": "warn",
            **{name: str(value) for name, value in environment.items()},
        }
        self.url = f"http://127.0.0.1:{self.port}"
        self.asr_url = f"http://127.0.0.1:{self.asr_port}"
        self.tts_url = f"http://127.0.0.1:{self.tts_port}"
        self.bot_url = f"http://127.0.0.1:{self.bot_port}"
        self.agent_url = f"http://127.0.0.1:{self.agent_port}"
        self.session = requests.Session()

    def __enter__(self):
        log = open(f"{self.data.name}/log", "wb")
        self.processes = {
            name: subprocess.Popen(
                [*(["taskset", "-c", self.cores] if self.cores else []), *command(name)], env=self.environment, stdout=log, stderr=log
            )
            for name in self.services
        }
        first = self.url if "gateway" in self.services else self.tts_url
        deadline = time.time() + 180
        while True:
            try:
                if requests.get(f"{first}/ready", timeout=5).status_code == 200:
                    break
            except requests.ConnectionError:
                pass
            died = [name for name, process in self.processes.items() if process.poll() is not None]
            if died or time.time() > deadline:
                raise RuntimeError(f"not ready, {died or 'slow'}:\n" + pathlib.Path(log.name).read_text()[-3000:])
            time.sleep(0.1)
        self.token = ""
        if "gateway" in self.services:
            self.token = pathlib.Path(f"{self.data.name}/auth/admin_token.txt").read_text().strip()
            self.session.headers["Authorization"] = f"Bearer {self.token}"
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(60)
        self.data.cleanup()
        self.postgres.cleanup()

    def rss_mb(self, name):
        return rss_mb(self.processes[name].pid)

    def cpu_seconds(self, name):
        return cpu_seconds(self.processes[name].pid)

    def load(self, *urls, header, rate=500, seconds=10):
        """Open-loop GETs to each address in turn: [{p50_ms, p95_ms, p99_ms, worst_ms, requests}]."""
        command = [BIN / "load", *urls, "--header", header, "--rate", str(rate), "--seconds", str(seconds)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def post(self, path, timeout=900, **fields):
        """POST /asr/transcribe with a file and form fields; the response."""
        with open(path, "rb") as audio:
            name = pathlib.Path(path).name
            return self.session.post(f"{self.url}/asr/transcribe", files={"file": (name, audio)}, data=fields, timeout=timeout)

    def transcribe(self, path, **fields):
        response = self.post(path, **fields)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status_code} {response.text[:500]}")
        return response.json()
