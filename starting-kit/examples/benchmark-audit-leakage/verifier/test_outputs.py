"""Compare the audit with what the rules of the prompt give on the pristine benchmark, corpus and predictions."""

import json
import math
import os
import unicodedata
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
AUDIT = Path("/srv/audit")
LENGTH = 10


def read(name):
    """Return the lines of a file of the audit."""
    text = (AUDIT / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def spaced(text):
    """Return the words of a text with one blank before, between and behind them."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return f" {' '.join(''.join(char if char.isalnum() else ' ' for char in plain).split())} "


def texts(document):
    """Return every text of a document."""
    return [
        spaced(part)
        for part in ([document["text"]] if "text" in document else [m["content"] for m in document["messages"]])
    ]


@cache
def contaminated():
    """Return item → the documents that hold ten of its words in a row; looks for them as text."""
    corpus = [(document["id"], texts(document)) for part in (0, 1) for document in read(f"corpus/part-{part}")]
    found = {}
    for item in read("benchmark"):
        words = spaced(item["question"]).split()
        pieces = [f" {' '.join(words[i : i + LENGTH])} " for i in range(max(1, len(words) - LENGTH + 1))]
        hits = [name for name, parts in corpus if any(piece in part for piece in pieces for part in parts)]
        if hits:
            found[item["id"]] = hits
    return found


def clean():
    """Return the ids of the clean items."""
    items = [(item["id"], spaced(item["question"])) for item in read("benchmark")]
    return [
        name
        for index, (name, words) in enumerate(items)
        if name not in contaminated() and words not in [before for _, before in items[:index]]
    ]


def answer(output):
    """Return the letter of an output, or None; tries every place from the end."""
    counted = output.split("</think>")[-1]
    for place in range(len(counted), -1, -1):
        head, rest = counted[place : place + 6], counted[place + 6 :].lstrip()
        if head.lower() != "answer" or not rest.startswith(":"):
            continue
        rest = rest[1:].lstrip().removeprefix("(") + " "
        if rest[0] in "ABCDE" and not (rest[1].isalnum() or rest[1] == "_"):
            return rest[0]
    return None


def right(model):
    """Return item → whether a model has it right."""
    lines = [line for line in read(f"predictions/{model}") if line["status"] == "ok"]
    last = {line["id"]: line["output"] for line in sorted(lines, key=lambda line: line["attempt"])}
    return {item["id"]: answer(last.get(item["id"], "")) == item["answer"] for item in read("benchmark")}


@cache
def expected():
    """Return what belongs into scores.json, in fractions."""
    models, kept = {name: right(name) for name in ("base", "tuned")}, clean()
    pairs = [(models["base"][item], models["tuned"][item]) for item in kept]
    wins, losses = pairs.count((False, True)), pairs.count((True, False))
    tail = sum(math.comb(wins + losses, k) for k in range(min(wins, losses) + 1))
    return {
        **{
            name: {
                "all": Fraction(sum(correct.values()), len(correct)),
                "clean": Fraction(sum(correct[item] for item in kept), len(kept)),
            }
            for name, correct in models.items()
        },
        "wins": wins,
        "losses": losses,
        "items": len(models["base"]),
        "clean": len(kept),
        "p_value": min(Fraction(1), Fraction(2 * tail, 2 ** (wins + losses))),
    }


def written(name):
    """Return the text that the agent wrote; whatever else lies there fails the test."""
    path = WORKSPACE / name
    assert path.is_file() and not path.is_symlink(), f"{path} is missing"
    assert path.stat().st_size < 100_000, f"{path} is far too long"
    return path.read_text(encoding="utf-8")


def scores():
    """Return the object that the agent wrote."""
    found = json.loads(written("scores.json"))
    assert isinstance(found, dict) and found.keys() == expected().keys(), "scores.json has other keys"
    return found


def number(value):
    """Return a number of JSON; true, false, text, NaN and infinity are none."""
    assert type(value) in (int, float) and math.isfinite(value), f"{value!r} is no number"
    return value


def test_contaminated_items():
    lines = written("contaminated.csv").splitlines()
    assert lines[:1] == ["item,first_document,documents"]
    truth = sorted(f"{item},{found[0]},{len(found)}" for item, found in contaminated().items())
    assert sorted(line for line in lines[1:] if line) == truth


@pytest.mark.parametrize("name", ["items", "clean", "wins", "losses"])
def test_count(name):
    assert number(scores()[name]) == expected()[name]


@pytest.mark.parametrize("subset", ["all", "clean"])
@pytest.mark.parametrize("model", ["base", "tuned"])
def test_share(model, subset):
    found = scores()[model]
    assert isinstance(found, dict) and found.keys() == {"all", "clean"}
    assert abs(number(found[subset]) - expected()[model][subset]) <= 0.0001 + 1e-9


def test_p_value():
    assert abs(number(scores()["p_value"]) - expected()["p_value"]) <= 0.0001 + 1e-9
