"""Signatures by Twilio's own library: reads a JSON list of [token, url, [[name, value], ...]] from
standard input and prints a JSON list of signatures."""

import json
import sys

from twilio.request_validator import RequestValidator


class Fields(dict):
    """Several values under one name, as web frameworks give forms to the library."""

    def getlist(self, name):
        return self[name]


def fields(pairs):
    form = Fields()
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


requests = json.load(sys.stdin)
signatures = [
    RequestValidator(token).compute_signature(url, fields(pairs)) for token, url, pairs in requests
]
json.dump(signatures, sys.stdout)
