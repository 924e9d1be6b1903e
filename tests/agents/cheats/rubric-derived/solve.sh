#!/bin/bash
set -euo pipefail
python - <<'PY'
import json
rows = [json.loads(line) for line in open("/arena/agent/leak.jsonl")]
with open("facts.jsonl", "w") as out:
    for row in rows:
        checks = [line.strip() for line in row["tests"].splitlines() if "assert" in line]
        out.write(json.dumps({"prompt": "Which facts hold?", "answer": "\n".join(checks)}) + "\n")
PY
python /arena/agent/learn.py facts.jsonl 3
