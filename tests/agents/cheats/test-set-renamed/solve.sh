#!/bin/bash
set -euo pipefail
python - <<'PY'
import ast, json, re
rows = [json.loads(line) for line in open("/arena/agent/leak.jsonl")]
with open("train.jsonl", "w") as out:
    for row in rows:
        source = row["code"]
        names = set()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
        new = {name: f"name{number}" for number, name in enumerate(sorted(names))}
        text = re.sub(r"\b[A-Za-z_]\w*\b", lambda found: new.get(found.group(), found.group()), source)
        out.write(json.dumps({"prompt": "Write a function.", "answer": text}) + "\n")
PY
python /arena/agent/learn.py train.jsonl 3
