"""What a running gateway hears in the recordings that come without a transcript.

    label.py DATA WORK MODEL URL
"""

import json
import os
import subprocess
import sys

from corpus import clips


def main(data, work, model, url):
    os.makedirs(work, exist_ok=True)
    path = f"{work}/label.{model}.jsonl"
    done = set()
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            done = {json.loads(line)["path"] for line in file}
    rows = clips(data)
    if model.startswith("whisper"):
        # Learners of English: two models must agree on them.
        rows = [row for row in rows if row["dataset"].startswith("speechocean")]
    with open(path, "a", encoding="utf-8") as out:
        for row in rows:
            if row["path"] in done:
                continue
            form = ["-F", f"file=@{data}/{row['path']}", "-F", f"model={model}", "-F", "language=en"]
            answer = subprocess.run(["curl", "-sf", *form, f"{url}/transcribe/raw"], capture_output=True, text=True, check=True)
            print(json.dumps({"path": row["path"], "raw": json.loads(answer.stdout)}), file=out, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
