"""Reads Prometheus' text format from standard input with Prometheus' own parser.

Prints {"families": {family: {"type", "help"}}, "samples": [[name, labels, value]]} as JSON, or
fails with what is wrong."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

families, samples = {}, []
for family in text_string_to_metric_families(sys.stdin.read()):
    if family.name in families:
        sys.exit(f"the family {family.name} is in two pieces")
    families[family.name] = {"type": family.type, "help": family.documentation}
    samples += [[s.name, s.labels, s.value] for s in family.samples]
print(json.dumps({"families": families, "samples": samples}))
