"""The questions and the log of a run: every rule that a package may ask for decides about some of the samples."""

import csv
import io
import json
from fractions import Fraction

MODELS = ("birch-7b", "cedar-3b", "dune-13b", "ember-8b", "fjord-1b")
SUBJECTS = ("algebra", "geography", "law", "medicine", "physics")
THINGS = "river harbour copper lantern meadow granite falcon orchard saddle compass velvet kettle".split()
WORDS = (
    "which of these holds when a tank drains through two pipes and the second one is opened later than first how much "
    "remains after an hour if half has left by noon and nobody looks at gauges until evening"
).split()
THOUGHTS = ("Let us see.", "First the simple part.", "That cannot be right, so once more.", "Step by step, then.")
LETTERS = "ABCDE"


def gold_of(match, random):
    """Return what a question's answer is: the text in the file, and right and wrong answers as models write them."""
    if match == "number":
        value = Fraction(random.randrange(-40, 9000), random.choice([1, 1, 2, 4, 5, 8]))
        decimal = f"{float(value):.4f}".rstrip("0").rstrip(".")
        grouped = f"{float(value):,.3f}"
        right = [decimal, f"${decimal}", grouped, f"{decimal} %", f"{value.numerator * 3}/{value.denominator * 3}"]
        near = [value + 1, -value or 7, value * 10, value + Fraction(1, 1000), value / 100]
        return decimal, right, [*(f"{float(other):.5f}" for other in near), "about ten", f"{decimal} apples"]
    if match == "text":
        pair = random.sample(THINGS, 4)
        name, other = f"{pair[0]} {pair[1]}", f"{pair[2]} {pair[1]}"
        right = [f"The {name}.", name.title(), f"a {pair[0]}  the {pair[1]}", f'"{name}!"', f"{other.upper()}?"]
        return f"{name}|{other}", right, [pair[0], f"{name}s", f"{pair[1]} {pair[0]}", f"{name} or {pair[3]}", "!"]
    if match == "option":
        letter = random.choice(LETTERS)
        return (
            letter,
            [letter, letter.lower(), f"({letter})", f"{letter}.", f"{letter})", "OPTION"],
            [
                *(other for other in LETTERS if other != letter),
                "F",
                f"{letter} or so",
                "OTHER",
            ],
        )
    items = random.sample(THINGS, random.randrange(2, 5))
    turned = items[::-1]
    right = ["; ".join(turned), ", ".join(items), ",".join(items).upper(), f"{';'.join(items)}, {items[0]}"]
    wrong = [", ".join(items[:-1]), ", ".join([*items, "quartz"]), " ".join(items), ", ".join([*items[1:], "tin"]), ";"]
    return ", ".join(items), right, wrong


def marked(answer, extract, random):
    """Return an answer as a model marks it."""
    if extract == "boxed":
        return random.choice(
            [
                f"So it is $\\boxed{{{answer}}}$.",
                f"\\boxed{{{answer}}}",
                f"We get \\boxed{{ {answer} }}",
                f"\\boxed{{{{{answer}}}}}",
            ]
        )
    if extract == "tag":
        return random.choice([f"<answer>{answer}</answer>", f"Done: <answer>\n{answer}\n</answer>"])
    if extract == "marker":
        return f"{random.choice(['Answer:', 'answer: ', '  ANSWER:', 'Answer:   '])}{answer}"
    number = f',\n "steps": {random.randrange(9)}' if random.random() < 0.4 else ""
    return f'```json\n{{"answer": {json.dumps(answer)}{number}}}\n```'


def decoy(extract, answer, random):
    """Return text that looks like a marked answer and is none."""
    return {
        "boxed": random.choice([f"so I would box {answer}", f"boxed{{{answer}}} perhaps", f"\\boxed({answer})"]),
        "tag": random.choice([f"<answer>{answer}", f"<Answer>{answer}</Answer>", f"{answer}</answer>"]),
        "marker": random.choice([f"My answer: {answer}", f"Answer {answer}", f"The answer is: {answer}"]),
        "fence": random.choice(
            [f'{{"answer": {json.dumps(answer)}}}', f'```json\n{{"result": {json.dumps(answer)}}}\n```']
        ),
    }[extract]


def completion(question, skill, extract, random):
    """Return what a model wrote: thoughts, perhaps an answer that it took back, perhaps none at all."""
    lines = [random.choice(THOUGHTS)]
    pick = question["right"] if random.random() < skill else question["wrong"]
    answer = random.choice(pick)
    if random.random() < 0.3:
        lines.append(marked(random.choice(question["right"] + question["wrong"]), extract, random))
        lines.append(random.choice(THOUGHTS))
    lines.append(decoy(extract, answer, random) if random.random() < 0.1 else marked(answer, extract, random))
    if random.random() < 0.3:
        lines.append(decoy(extract, random.choice(question["wrong"]), random))
    return "\n".join(lines)


def questions(match, random):
    """Return the questions."""
    found = []
    for number in sorted(random.sample(range(100, 999), 26)):
        gold, right, wrong = gold_of(match, random)
        one = {"id": f"q{number}", "subject": random.choice(SUBJECTS), "points": random.randrange(1, 9)}
        one["text"] = " ".join(random.choices(WORDS, k=random.randrange(14, 24))).capitalize() + "?"
        if match == "option":
            texts = random.sample(THINGS, len(LETTERS))
            one["options"] = dict(zip(LETTERS, texts, strict=True))
            own = one["options"][gold]
            right = [own.title() if answer == "OPTION" else answer for answer in right]
            wrong = [next(t for t in texts if t != own) if answer == "OTHER" else answer for answer in wrong]
        found.append({**one, "gold": gold, "right": right, "wrong": wrong})
    return found


def samples(asked, values, random):
    """Return the records of the log, in order."""
    found = []
    for model in MODELS:
        skill = random.uniform(0.35, 0.9)
        for question in asked:
            if random.random() < 0.05:
                continue
            own = min(0.98, max(0.05, skill + random.uniform(-0.4, 0.4)))
            for number in range(random.randrange(2, 7)):
                text = completion(question, own, values["extract"], random)
                stop = "length" if random.random() < 0.1 else "stop"
                found.append([question["id"], model, number, stop, text])
    if values["hygiene"] == "retried":
        by_id = {question["id"]: question for question in asked}
        found += [
            [*one[:4], completion(by_id[one[0]], 0.5, values["extract"], random)] for one in random.sample(found, 70)
        ]
    random.shuffle(found)
    return found


def log_of(records, kind):
    """Return the name and the text of the log."""
    keys = ("question", "model", "sample", "stop", "completion")
    if kind == "jsonl":
        return "samples.jsonl", "".join(json.dumps(dict(zip(keys, one, strict=True))) + "\n" for one in records)
    if kind == "table":
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([keys, *records])
        return "samples.csv", out.getvalue()
    blocks = []
    for question, model, number, stop, text in records:
        head = f"=== question={question} model={model} sample={number} stop={stop}"
        blocks.append("\n".join([head, *(f"| {line}" for line in text.split("\n"))]) + "\n\n")
    return "samples.log", "".join(blocks)


def corpus(asked, random):
    """Return the lines of training text; some hold a run of words of a question, and some nearly."""
    lines = []
    for question in random.sample(asked, 12):
        words = question["text"].rstrip("?").lower().split()
        length = 8 if len(lines) % 2 else 7
        start = random.randrange(len(words) - length + 1)
        run = words[start : start + length]
        text = f"{random.choice(THINGS)} {', '.join(run[:3])} {' '.join(run[3:]).upper()}; {random.choice(THINGS)}."
        lines.append(text)
    return lines + [" ".join(random.choices(THINGS, k=9)) for _ in range(6)]


def corrections(asked, values, random):
    """Return the lines of the corrections: another answer, or none."""
    lines = []
    for question in random.sample(asked, 7):
        taken = random.choice(["void", random.choice(asked)["gold"], random.choice(question["wrong"][:2])])
        lines.append([question["id"], taken])
    return lines


def make(values, random):
    """Return the names and numbers of the prompt, and the files."""
    asked = questions(values["match"], random)
    name, text = log_of(samples(asked, values, random), values["log"])
    public = [{key: one for key, one in question.items() if key not in ("right", "wrong")} for question in asked]
    files = {name: text, "questions.jsonl": "".join(json.dumps(question) + "\n" for question in public)}
    if values["hygiene"] == "leaked":
        files["corpus.txt"] = "\n".join(corpus(asked, random)) + "\n"
    if values["hygiene"] == "corrected":
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([["question", "gold"], *corrections(asked, values, random)])
        files["corrections.csv"] = out.getvalue()
    words = {"log_name": name, "base": random.choice(MODELS), "k": random.choice([2, 3])}
    return words, {f"environment/run/{path}": content for path, content in files.items()}
