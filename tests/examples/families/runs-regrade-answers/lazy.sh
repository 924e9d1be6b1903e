#!/bin/bash
# Takes any sample that has the right answer somewhere in it for right, and grades by the plain mean.
set -euo pipefail
python3 - <<'PY'
import csv
import json
from collections import defaultdict

gold = {one["id"]: one["gold"].split("|") for one in map(json.loads, open("/srv/run/questions.jsonl"))}
found = defaultdict(list)
for one in csv.DictReader(open("/srv/run/samples.csv", newline="")):
    found[one["model"]].append(any(text in one["completion"].lower() for text in gold[one["question"]]))
report = {model: {"figure": f"{100 * sum(ones) / len(ones):.2f}", "answers": len(ones)} for model, ones in found.items()}
json.dump(report, open("/root/regraded.json", "w"))
PY
