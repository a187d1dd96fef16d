"""Finds every name in the text of the API reference: `extract.py TEXT > names.tsv`.

Prints kind, section and name of endpoints, parameters, fields, tags, variables, tables and the rest,
in the order of the text. The text itself is not kept here.
"""

import re
import sys

# What the rows of a table are, by its first two column names.
TABLES = {
    ("Service", "Port"): "service",
    ("Method", "Endpoint"): "endpoint",
    ("Endpoint", "Description"): "endpoint",
    ("Parameter", "Type"): "parameter",
    ("Field", "Type"): "field sent",
    ("Tag", "Values"): "tag",
    ("Tag", "Classes"): "tag",
    ("Table", "Key Columns"): "table",
    ("Variable", "Default"): "variable",
}
# Rows whose description lists the values that may be given.
CHOICES = {"language", "model", "lm_mode", "format", "summarize", "VARIANT", "ASR_DEVICE", "LLM_PROVIDER", "STORAGE_MODE", "AUTH_MODE"}
VALUE = r"[a-z][a-z0-9_-]*"

# Headings that the text shows on the last line of an example.
GLUED = ["Using tokens", "Parameters", "Other Batch Endpoints", "Python example", "Streaming Config", "Speaker Diarization",
         "Metadata", "TTS — Text-to-Speech", "TTS Config", "WebRTC Signaling", "Call History", "Chat (multi-turn streaming)",
         "User Authentication", "Preset: collections", "Organizations", "Invitations", "Database Schema"]

seen = set()


def found(kind, section, name):
    if (kind, section, name) not in seen:
        seen.add((kind, section, name))
        print(kind, section, name, sep="\t")


def row(kind, section, cells):
    name = cells[0]
    if kind == "endpoint" and len(cells) > 2:
        name = f"{cells[0]} {cells[1]}"
    if kind == "tag":
        found(kind, section, name)
        for value in re.findall(r"[A-Z]+_[A-Z0-9_]+\+?", " ".join(cells[1:])):
            found("tag value", section, value)
        return
    if kind == "table":
        found(kind, section, name)
        for column in re.sub(r"\([^)]*\)", "", cells[1]).split(","):
            found("column", section, f"{name}.{column.strip()}")
        return
    found(kind, section, name)
    if name in CHOICES:
        listed = cells[-1].partition(":")[2] or cells[-1].partition("for ")[2].partition(" ")[2]
        listed = listed.split("—")[0]
        for value in re.split(r",| or ", re.sub(r"\([^)]*\)", "", listed)):
            if re.fullmatch(VALUE, value.strip()) and value.strip() != "etc":
                found("value", section, f"{name}={value.strip()}")


def prose(section, line):
    for address in re.findall(r"\bws://localhost:\d+[a-z/-]*", line):
        found("endpoint", section, f"WebSocket {address.removeprefix('ws://localhost')}")
    for method, path in re.findall(r"(POST|PATCH) http://localhost(:\d+/[a-z/_{}-]*)", line):
        found("example", section, f"{method} {path}")
    for path in re.findall(r"at (/ws/[a-z]+)|curl http://localhost:8003(/voices)", line):
        found("endpoint", section, "".join(path))
    for name in re.findall(r'"type": "([a-z_]+)"', line):
        found("message", section, name)
    for name in re.findall(r'"([A-Za-z_]+)":', line):
        if name.islower():
            found("field", section, name)
    for name in re.findall(r"\banalysis\.([a-z_]+)", line):
        found("field", section, f"analysis.{name}")
    for name in re.findall(r"^# Response: ((?:[a-z_]+, )+)", line):
        for field in name.strip(", ").split(", "):
            found("field", section, field)
    for name in re.findall(r"(?:^|→ )([A-Z][A-Za-z]+[A-Z][A-Za-z]*|UserAggregator|LLM|TTS|Backchannel) ", line):
        if section == "Voice Pipeline":
            found("processor", section, name)
    for name in re.findall(r"\b(SPEAKER_\d\d)\b", line):
        found("value", section, name)


def main(path):
    section, kind = "", None
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            header = tuple(cells[:2])
            if header in TABLES:
                kind = TABLES[header]
            elif not set(line) <= set("|- "):
                row(kind, section, cells)
            continue
        heading = re.search(r"^([A-Z][A-Za-z-]*(?:[ :—()&/-]+[A-Za-z_()-]+){0,5})$", line)
        heading = heading or re.search(rf"({'|'.join(map(re.escape, GLUED))})$", line)
        if heading and not re.search(r"[{\"=,]", heading.group(1)):
            section = heading.group(1)
        if line.endswith("variants)"):
            section = line
        prose(section, line)


main(sys.argv[1])
