#!/bin/bash
set -euo pipefail
head -n 2 /srv/audit/benchmark.jsonl /srv/audit/corpus/*.jsonl /srv/audit/predictions/*.jsonl

cat > /root/audit.py <<'PY'
import csv
import json
import re
import unicodedata
from collections import defaultdict
from math import comb

LENGTH = 10
WORD = re.compile(r"[^\W_]+")
ANSWER = re.compile(r"(?i:answer)\s*:\s*\(?([A-E])(?!\w)")


def read(name):
    return [json.loads(line) for line in open(f"/srv/audit/{name}.jsonl", encoding="utf-8")]


def words(text):
    return WORD.findall(unicodedata.normalize("NFKC", text).lower())


def grams(found, length):
    return {tuple(found[start : start + length]) for start in range(len(found) - length + 1)}


items = read("benchmark")
questions = {item["id"]: words(item["question"]) for item in items}
wanted = defaultdict(set)
for item, found in questions.items():
    for gram in grams(found, min(LENGTH, len(found))):
        wanted[gram].add(item)
lengths = {len(gram) for gram in wanted}

contaminated = defaultdict(list)
for document in read("corpus/part-0") + read("corpus/part-1"):
    texts = [document["text"]] if "text" in document else [message["content"] for message in document["messages"]]
    hits = set()
    for text in map(words, texts):
        for length in lengths:
            for gram in grams(text, length) & wanted.keys():
                hits |= wanted[gram]
    for item in hits:
        contaminated[item].append(document["id"])

seen, clean = set(), []
for item in items:
    asked = tuple(questions[item["id"]])
    if item["id"] not in contaminated and asked not in seen:
        clean.append(item["id"])
    seen.add(asked)


def right(model):
    """Return the ids of the items that a model has right."""
    latest = {}
    for line in read(f"predictions/{model}"):
        if line["status"] == "ok" and line["attempt"] > latest.get(line["id"], {"attempt": 0})["attempt"]:
            latest[line["id"]] = line
    correct = set()
    for item in items:
        output = latest.get(item["id"], {"output": ""})["output"].rpartition("</think>")[2]
        if ANSWER.findall(output)[-1:] == [item["answer"]]:
            correct.add(item["id"])
    return correct


base, tuned = right("base"), right("tuned")
wins = sum(item in tuned and item not in base for item in clean)
losses = sum(item in base and item not in tuned for item in clean)
n = wins + losses
scores = {
    name: {"all": len(correct) / len(items), "clean": len(correct & set(clean)) / len(clean)}
    for name, correct in (("base", base), ("tuned", tuned))
}
scores |= {"items": len(items), "clean": len(clean), "wins": wins, "losses": losses}
scores["p_value"] = min(1.0, 2 * sum(comb(n, k) for k in range(min(wins, losses) + 1)) / 2**n)

with open("/root/contaminated.csv", "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["item", "first_document", "documents"])
    table.writerows((item, found[0], len(found)) for item, found in sorted(contaminated.items()))
json.dump(scores, open("/root/scores.json", "w"), indent=2)
PY

python3 /root/audit.py
cat /root/contaminated.csv /root/scores.json
