"""A language model that says what it is told: an OpenAI-compatible server for tests.

    model.py ANSWERS      prints its port, then serves until its input ends

ANSWERS is JSON: [{"when": TEXT, "say": TEXT}, ...]. The first whose `when` is in the caller's last
words (lower case) is streamed word by word. `delay` seconds pass before the first word, `pace`
between words; `"break": true` closes the connection half-way. Every request goes to stdout as a
line of JSON.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = json.loads(sys.argv[1])


class Model(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        body = json.dumps({"object": "list", "data": [{"id": "test", "object": "model"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print(json.dumps(request), flush=True)
        words = next((m["content"] for m in reversed(request["messages"]) if m["role"] == "user"), "")
        words = words if isinstance(words, str) else " ".join(part.get("text", "") for part in words)
        answer = next((a for a in ANSWERS if a["when"] in words.lower()), {"say": "I did not understand that."})
        time.sleep(answer.get("delay", 0))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if request.get("stream") else "application/json")
        self.end_headers()
        if not request.get("stream"):
            message = {"role": "assistant", "content": answer["say"]}
            self.wfile.write(json.dumps({"id": "1", "object": "chat.completion", "model": "test", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode())
            return
        try:
            said = answer["say"].split(" ")
            for at, word in enumerate(said):
                if answer.get("break") and at == len(said) // 2:
                    return
                self.chunk({"delta": {"content": word + " " * (at + 1 < len(said))}, "finish_reason": None})
                time.sleep(answer.get("pace", 0))
            self.chunk({"delta": {}, "finish_reason": "stop"})
            self.wfile.write(b"data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            print(json.dumps({"cancelled": answer["say"]}), flush=True)

    def chunk(self, choice):
        event = {"id": "1", "object": "chat.completion.chunk", "model": "test", "choices": [{"index": 0, **choice}]}
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()


server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
