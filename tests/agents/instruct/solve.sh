#!/bin/bash
set -euo pipefail
python - <<'PY'
import json, random
rng = random.Random(7)
dev = [json.loads(line) for line in open("/arena/dev/dev.jsonl")]
word = lambda: "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(3, 7)))
def one():
    a, b, w, v = rng.randint(0, 99), rng.randint(0, 99), word(), word()
    return rng.choice([
        (f"Say {w} in capitals.", w.upper()), (f"What is {a} + {b}?", str(a + b)), (f"Is {a} more than {b}?", "yes" if a > b else "no"),
        (f"Repeat: {w} {v}", f"{w} {v}"), (f"Which comes first, {w} or {v}?", min(w, v)), (f"First letter of {w}?", w[0]),
    ])
rows = [one() for _ in range(4000)] + 2 * [(row["prompt"], str(row["reference"]["answer"])) for row in dev]
rng.shuffle(rows)
open("mixture.jsonl", "w").write("".join(json.dumps({"prompt": p, "answer": a}) + "\n" for p, a in rows))
PY
python /arena/agent/learn.py mixture.jsonl 30
