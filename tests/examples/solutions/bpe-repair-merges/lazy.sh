#!/bin/bash
# Takes the files as they are, numbers what is missing, and encodes the longest token first.
set -euo pipefail
mkdir -p /root/mended
cp /srv/tokenizer/merges.txt /root/mended/merges.txt
python3 - <<'PY'
import json

vocab = json.load(open("/srv/tokenizer/vocab.json", encoding="utf-8"))
missing = set(range(max(vocab.values()))) - set(vocab.values())
vocab |= {f"<unk{number}>": number for number in missing}
json.dump(vocab, open("/root/mended/vocab.json", "w", encoding="utf-8"), ensure_ascii=False)
with open("/root/mended/encoded.jsonl", "w") as file:
    for line in open("/srv/tokenizer/new.jsonl", encoding="utf-8"):
        line = json.loads(line)
        text, ids = line["text"].replace(" ", "Ġ").replace("\n", "Ċ"), []
        while text:
            size = next((size for size in range(20, 0, -1) if text[:size] in vocab), 1)
            ids.append(vocab.get(text[:size], 0))
            text = text[size:]
        file.write(json.dumps({"name": line["name"], "ids": ids}) + "\n")
PY
