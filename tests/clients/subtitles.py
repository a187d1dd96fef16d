"""Reads a subtitle file with a third-party parser; prints its cues as JSON [start, end, text]."""

import json
import sys

import srt
import webvtt



def seconds(stamp):
    hours, minutes, rest = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


path = sys.argv[1]
if path.endswith(".srt"):
    cues = [(c.start.total_seconds(), c.end.total_seconds(), c.content) for c in srt.parse(open(path).read(), ignore_errors=False)]
else:
    cues = [(seconds(c.start), seconds(c.end), c.text) for c in webvtt.read(path)]
print(json.dumps(cues))
