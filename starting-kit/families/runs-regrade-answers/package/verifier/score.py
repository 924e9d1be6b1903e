"""Score the regraded run: all of it right, or half of the share of models that is.

    python3 score.py ctrf.json

Reads the pristine log without regular expressions and works with one sample after another.
"""

import csv
import itertools
import json
import os
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
RUN = Path("/srv/run")


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def log():
    """Yield question, model, number, stop and completion of every record."""
    text = (RUN / "{{ log_name }}").read_text(encoding="utf-8")
    {% if log == "transcript" %}
    for block in text.removeprefix("=== ").split("\n\n=== "):
        head, *lines = block.rstrip("\n").split("\n")
        question, model, number, stop = (word.partition("=")[2] for word in head.split(" "))
        yield question, model, int(number), stop, "\n".join(line[2:] for line in lines)
    {% elif log == "jsonl" %}
    for line in text.splitlines():
        one = json.loads(line)
        yield one["question"], one["model"], one["sample"], one["stop"], one["completion"]
    {% else %}
    for question, model, number, stop, completion in itertools.islice(csv.reader(text.splitlines(keepends=True)), 1, None):
        yield question, model, int(number), stop, completion
    {% endif %}


def answer_in(text):
    """Return the answer that a completion marks, "" for none."""
    {% if extract == "boxed" %}
    pieces = text.split("\\boxed{")
    if len(pieces) == 1:
        return ""
    inside, open_braces = "", 1
    for character in pieces[-1]:
        open_braces += (character == "{") - (character == "}")
        if not open_braces:
            return inside.strip()
        inside += character
    return ""
    {% elif extract == "tag" %}
    before, closed, _ = text.rpartition("</answer>")
    while closed:
        rest, opened, inside = before.rpartition("<answer>")
        if opened and "</answer>" not in inside:
            return inside.strip()
        before, closed, _ = before.rpartition("</answer>")
    return ""
    {% elif extract == "marker" %}
    for line in reversed(text.split("\n")):
        if line.lstrip()[:7].lower() == "answer:":
            return line.lstrip()[7:].strip()
    return ""
    {% else %}
    found, block = "", None
    for line in text.split("\n"):
        if line == "```json":
            block = []
        elif line == "```" and block is not None:
            found = json.loads("\n".join(block)).get("answer", found)
            block = None
        elif block is not None:
            block.append(line)
    return found.strip()
    {% endif %}


def plain(answer, options):
    """Return an answer in the form that is compared, "" for none."""
    {% if match == "number" %}
    bare = "".join(character for character in answer if character not in " \t\n,$%")
    digits = bare.removeprefix("-")
    upper, slash, lower = digits.partition("/")
    if not set(digits) <= set("0123456789./") or not any(map(str.isdigit, digits)) or bare.count(".") + bare.count("/") > 1:
        return ""
    if slash:
        value = Fraction(int(upper), int(lower)) if upper and lower and int(lower) else None
    else:
        value = Fraction(Decimal(digits))
    return "" if value is None else str(-value if bare != digits else value)
    {% elif match == "text" %}
    kept = "".join(character for character in answer.lower() if character not in ".,;:!?'\"")
    return " ".join(word for word in kept.split() if word not in {"a", "an", "the"})
    {% elif match == "option" %}
    short = answer[1:-1] if answer[:1] == "(" and answer[-1:] == ")" and len(answer) == 3 else answer
    short = short[0] if len(short) == 2 and short == answer and short[1] in ".)" else short
    letters = [letter for letter, text in options.items() if short.upper() == letter or answer.lower() == text.lower()]
    return letters[0] if letters else ""
    {% else %}
    items = {item.strip() for item in answer.lower().replace(";", ",").split(",")}
    return ",".join(sorted(items - {""}))
    {% endif %}


def asked():
    """Return the questions that count, by id, each with the set of its right answers in plain form."""
    found = {}
    for line in (RUN / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        found[one["id"]] = one
    {% if hygiene == "leaked" %}

    def spaced(text):
        return " " + " ".join("".join(c if c.isalpha() else " " for c in text.lower()).split()) + " "

    lines = [spaced(line) for line in (RUN / "corpus.txt").read_text(encoding="utf-8").splitlines()]
    for name, one in list(found.items()):
        words = spaced(one["text"]).split()
        runs = [f" {' '.join(words[start:start + 8])} " for start in range(max(0, len(words) - 7))]
        if any(run in line for run in runs for line in lines):
            del found[name]
    {% elif hygiene == "corrected" %}
    for name, gold in list(csv.reader((RUN / "corrections.csv").read_text(encoding="utf-8").splitlines()))[1:]:
        found[name]["gold"] = gold
    found = {name: one for name, one in found.items() if one["gold"] != "void"}
    {% endif %}
    for one in found.values():
        golds = {{ 'one["gold"].split("|")' if match == "text" else '[one["gold"]]' }}
        one["right"] = {plain(gold, one.get("options", {})) for gold in golds}
    return found


def gathered(questions):
    """Return (model, question) → its answers in plain form, by the number of their sample."""
    found = {}
    for question, model, number, stop, completion in log():
        if question in questions:
            answer = plain(answer_in(completion), questions[question].get("options", {}))
            {% if hygiene == "cut" %}
            answer = "" if stop == "length" else answer
            {% endif %}
            found.setdefault((model, question), {})[number] = answer
    return found


def score(answers, right):
    """Return what the samples of one question are worth; None where they are too few."""
    marks = [answers[number] in right for number in sorted(answers)]
    {% if attempts == "majority" %}
    best, most = "", 0
    for number in sorted(answers):
        votes = sum(other == answers[number] for other in answers.values())
        if answers[number] and votes > most:
            best, most = answers[number], votes
    return Fraction(best in right)
    {% elif attempts == "mean" %}
    return Fraction(marks.count(True), len(marks))
    {% elif attempts == "pass-at-k" %}
    drawn = [any(draw) for draw in itertools.combinations(marks, {{ k }})]
    return Fraction(drawn.count(True), len(drawn)) if drawn else None
    {% else %}
    return Fraction(False not in marks)
    {% endif %}


def figure(model, scores, questions):
    """Return the figure of a model from the scores by (model, question)."""
    mine = {question: value for (name, question), value in scores.items() if name == model}
    {% if figure == "paired" %}
    base = {question: value for (name, question), value in scores.items() if name == "{{ base }}"}
    both = [question for question in mine if question in base]
    balance = 0
    for question in both:
        balance += 1 if mine[question] > base[question] else -1 if mine[question] < base[question] else 0
    return Fraction(balance, len(both))
    {% elif figure == "points" %}
    total = sum(questions[question]["points"] for question in mine)
    return sum(value * Fraction(questions[question]["points"], total) for question, value in mine.items())
    {% else %}
    means = []
    for subject in {questions[question]["subject"] for question in mine}:
        values = [value for question, value in mine.items() if questions[question]["subject"] == subject]
        means.append(sum(values) / len(values))
    return {{ "sorted(means)[0]" if figure == "worst" else "sum(means) / len(means)" }}
    {% endif %}


def written(value):
    """Return a figure in percent with two decimals, halves up."""
    rounded = int((value * 10000 + 20000) * 2 + 1) // 2 - 20000
    return f"{Decimal(rounded).scaleb(-2):.2f}"


def expected():
    """Return (model, figure, answers) for every model, by name."""
    questions = asked()
    answers = gathered(questions)
    scores = {key: score(mine, questions[key[1]]["right"]) for key, mine in answers.items()}
    scores = {key: value for key, value in scores.items() if value is not None}
    rows = []
    for model in sorted({model for model, _ in answers}{{ ' - {"' + base + '"}' if figure == "paired" }}):
        told = sum(sum(map(bool, mine.values())) for (name, _), mine in answers.items() if name == model)
        rows.append((model, written(figure(model, scores, questions)), told))
    {% if output == "leaderboard" %}
    rows.sort(key=lambda row: -Decimal(row[1]))
    {% endif %}
    return rows


def read_output(name):
    """Return the text of a file that the agent wrote."""
    path = WORKSPACE / name
    if path.is_symlink() or not path.is_file():
        raise Refused(f"{name} is missing")
    if path.stat().st_size > 100_000:
        raise Refused(f"{name} is far too long")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{name} is no text") from None


def reported():
    """Return (model, figure, answers) as the agent has them, in its order."""
    {% if output == "object" %}
    try:
        pairs = json.loads(read_output("regraded.json"), object_pairs_hook=lambda pairs: ("object", pairs))
    except (ValueError, RecursionError):
        raise Refused("regraded.json is no JSON") from None
    if not isinstance(pairs, tuple):
        raise Refused("regraded.json is no object")
    rows = []
    for model, one in pairs[1]:
        values = dict(one[1]) if isinstance(one, tuple) and len(one[1]) == 2 else {}
        if values.keys() != {"figure", "answers"} or type(values["figure"]) is not str or type(values["answers"]) is not int:
            raise Refused("a model has other keys, or values of another kind")
        rows.append((model, values["figure"], values["answers"]))
    return sorted(rows)
    {% else %}
    {% if output == "leaderboard" %}
    lines = read_output("leaderboard.md").splitlines()
    head = ["| model | figure | answers |", "| --- | --- | --- |"]
    rows = [line[2:-2].split(" | ") if line[:2] == "| " and line[-2:] == " |" else [] for line in lines[2:]]
    {% else %}
    lines = read_output("regraded.csv").splitlines()
    head = ["model,figure,answers"]
    rows = [line.split(",") for line in lines[1:]]
    {% endif %}
    if lines[: len(head)] != head or any(len(row) != 3 for row in rows):
        raise Refused("the table has another form")
    return [tuple(row) for row in rows]
    {% endif %}


def judge():
    """Return the reward as a fraction, and what is to be said of it."""
    wanted = expected()
    {% if output != "object" %}
    wanted = [(model, value, str(told)) for model, value, told in wanted]
    {% endif %}
    try:
        found = reported()
    except Refused as refused:
        return Fraction(0), str(refused)
    if found == wanted:
        return Fraction(1), "all models are right"
    right = len(set(found) & set(wanted)) if len(found) <= len(wanted) else 0
    return Fraction(right, 2 * len(wanted)), f"{right} of {len(wanted)} models are right"


def main():
    reward, message = judge()
    passed = int(reward == 1)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    test = {"name": "report", "status": "passed" if passed else "failed", "duration": 0, "message": message}
    summary = {"tests": 1, "passed": passed, "failed": 1 - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": [test]}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}) + "\n", encoding="utf-8")
    print(round(float(reward), 4))


if __name__ == "__main__":
    main()
