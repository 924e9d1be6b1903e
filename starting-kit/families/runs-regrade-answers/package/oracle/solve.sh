#!/bin/bash
set -euo pipefail
cd /srv/run
ls
head -n 3 questions.jsonl
head -n 6 {{ log_name }}

cat > /root/regrade.py <<'PY'
import csv
import json
import re
from collections import defaultdict
from fractions import Fraction
from math import comb

RUN = "/srv/run"

{% if log == "jsonl" %}
def records():
    with open(f"{RUN}/samples.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]
{% elif log == "transcript" %}
def records():
    found = []
    with open(f"{RUN}/samples.log", encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if line.startswith("==="):
                found.append({**dict(word.split("=", 1) for word in line.split()[1:]), "lines": []})
            elif line.startswith("| "):
                found[-1]["lines"].append(line[2:])
    return [{**one, "completion": "\n".join(one["lines"])} for one in found]
{% else %}
def records():
    with open(f"{RUN}/samples.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
{% endif %}

{% if extract == "boxed" %}
def extract(text):
    start = text.rfind("\\boxed{")
    if start < 0:
        return ""
    start += len("\\boxed{")
    depth = 1
    for end in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            return text[start:end]
    return ""
{% elif extract == "tag" %}
def extract(text):
    return (re.findall(r"<answer>((?:(?!<answer>).)*?)</answer>", text, re.DOTALL) or [""])[-1]
{% elif extract == "marker" %}
def extract(text):
    return (re.findall(r"^[ \t]*answer:(.*)$", text, re.IGNORECASE | re.MULTILINE) or [""])[-1]
{% else %}
def extract(text):
    answer = ""
    for block in re.findall(r"^```json\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE):
        answer = json.loads(block).get("answer", answer)
    return answer
{% endif %}

{% if match == "number" %}
def form(answer, question):
    """Return the form in which answers are compared, None for no answer."""
    bare = re.sub(r"[\s,$%]", "", answer)
    return Fraction(bare) if re.fullmatch(r"-?(\d+|\d*\.\d+|\d+\.|\d+/0*[1-9]\d*)", bare) else None

def is_right(form_, question):
    return form_ == form(question["gold"], question)
{% elif match == "text" %}
def form(answer, question):
    """Return the form in which answers are compared, None for no answer."""
    words = re.sub(r"""[.,;:!?'"]""", "", answer.lower()).split()
    return " ".join(word for word in words if word not in ("a", "an", "the")) or None

def is_right(form_, question):
    return form_ in [form(gold, question) for gold in question["gold"].split("|")]
{% elif match == "option" %}
def form(answer, question):
    """Return the form in which answers are compared, None for no answer."""
    for letter, text in question.get("options", {}).items():
        if answer.lower() == text.lower() or answer.upper() in (letter, f"({letter})", f"{letter}.", f"{letter})"):
            return letter
    return None

def is_right(form_, question):
    return form_ == question["gold"]
{% else %}
def form(answer, question):
    """Return the form in which answers are compared, None for no answer."""
    items = frozenset(item.strip().lower() for item in re.split("[,;]", answer))
    return items - {""} or None

def is_right(form_, question):
    return form_ == form(question["gold"], question)
{% endif %}

with open(f"{RUN}/questions.jsonl", encoding="utf-8") as file:
    questions = {one["id"]: one for one in map(json.loads, file)}
samples = [{**one, "sample": int(one["sample"])} for one in records()]
print(len(questions), "questions,", len(samples), "records")
{% if hygiene == "leaked" %}

def runs(text):
    words = re.findall("[a-z]+", text.lower())
    return {tuple(words[start : start + 8]) for start in range(len(words) - 7)}

leaked = set()
with open(f"{RUN}/corpus.txt", encoding="utf-8") as file:
    for line in file:
        leaked |= runs(line)
questions = {name: one for name, one in questions.items() if not runs(one["text"]) & leaked}
{% elif hygiene == "retried" %}
last = {(one["question"], one["model"], one["sample"]): one for one in samples}
samples = list(last.values())
{% elif hygiene == "corrected" %}
with open(f"{RUN}/corrections.csv", newline="", encoding="utf-8") as file:
    for line in csv.DictReader(file):
        if line["gold"] == "void":
            del questions[line["question"]]
        else:
            questions[line["question"]]["gold"] = line["gold"]
{% endif %}

# model → question → the forms of its answers, in the order of the samples' numbers
answers = defaultdict(lambda: defaultdict(list))
for one in sorted(samples, key=lambda one: one["sample"]):
    if one["question"] not in questions:
        continue
    text = extract(one["completion"]).strip()
    {% if hygiene == "cut" %}
    if one["stop"] == "length":
        text = ""
    {% endif %}
    question = questions[one["question"]]
    answers[one["model"]][question["id"]].append(form(text, question) if text else None)

{% if attempts == "majority" %}
def score(forms, question):
    votes = [one for one in forms if one is not None]
    return Fraction(bool(votes) and is_right(max(votes, key=votes.count), question))  # of equal ones, the first
{% elif attempts == "mean" %}
def score(forms, question):
    return Fraction(sum(one is not None and is_right(one, question) for one in forms), len(forms))
{% elif attempts == "pass-at-k" %}
def score(forms, question):
    wrong = sum(one is None or not is_right(one, question) for one in forms)
    return 1 - Fraction(comb(wrong, {{ k }}), comb(len(forms), {{ k }})) if len(forms) >= {{ k }} else None
{% else %}
def score(forms, question):
    return Fraction(all(one is not None and is_right(one, question) for one in forms))
{% endif %}

scores = {
    model: {name: score(forms, questions[name]) for name, forms in of_model.items()} for model, of_model in answers.items()
}
scores = {model: {name: one for name, one in mine.items() if one is not None} for model, mine in scores.items()}

{% if figure in ("subjects", "worst") %}
def figure(model):
    subjects = defaultdict(list)
    for name, one in scores[model].items():
        subjects[questions[name]["subject"]].append(one)
    means = [sum(ones) / len(ones) for ones in subjects.values()]
    return {{ "min(means)" if figure == "worst" else "sum(means) / len(means)" }}
{% elif figure == "paired" %}
def figure(model):
    mine, base = scores[model], scores["{{ base }}"]
    both = mine.keys() & base.keys()
    return Fraction(sum((mine[name] > base[name]) - (mine[name] < base[name]) for name in both), len(both))
{% else %}
def figure(model):
    points = {name: questions[name]["points"] for name in scores[model]}
    return sum(points[name] * one for name, one in scores[model].items()) / sum(points.values())
{% endif %}

def percent(value):
    hundredths = (20000 * value.numerator + value.denominator) // (2 * value.denominator)
    return hundredths, f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"

report = {}
for model in sorted(answers):
    {% if figure == "paired" %}
    if model == "{{ base }}":
        continue
    {% endif %}
    told = sum(one is not None for forms in answers[model].values() for one in forms)
    report[model] = (*percent(figure(model)), told)

{% if output == "table" %}
with open("/root/regraded.csv", "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["model", "figure", "answers"])
    table.writerows([model, text, told] for model, (_, text, told) in report.items())
{% elif output == "leaderboard" %}
with open("/root/leaderboard.md", "w") as file:
    print("| model | figure | answers |\n| --- | --- | --- |", file=file)
    for model in sorted(report, key=lambda model: (-report[model][0], model)):
        print(f"| {model} | {report[model][1]} | {report[model][2]} |", file=file)
{% else %}
with open("/root/regraded.json", "w") as file:
    json.dump({model: {"figure": text, "answers": told} for model, (_, text, told) in report.items()}, file, indent=1)
{% endif %}
PY

python3 /root/regrade.py
cat /root/{{ "leaderboard.md" if output == "leaderboard" else "regraded.*" }}
