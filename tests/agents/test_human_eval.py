"""HumanEval: right functions pass, hostile ones never do, and no answer runs in the judge's process."""

from __future__ import annotations

import sys

import pytest

from posttrain_arena.adapters.benchmarks import human_eval
from posttrain_arena.adapters.benchmarks.process import PACKAGES
from posttrain_arena.core.benchmarks.code_checks import calls_of_tests, literal, passes, program_of
from posttrain_arena.model.benchmark import Item

EQUAL_TO_ALL = """\
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __sub__(self, other): return self
    def __abs__(self): return self
    def __hash__(self): return 1
    def __repr__(self): return "Equal()"
def {name}(*a, **k): return Equal()
"""
SUBCLASS = """\
class Lie(float):
    def __eq__(self, other): return True
    def __repr__(self): return "True"
def {name}(*a, **k): return Lie()
"""
HOSTILE = {
    "equal to everything": EQUAL_TO_ALL,
    "a number that lies": SUBCLASS,
    "exit": "import sys\ndef {name}(*a, **k): sys.exit(0)\n",
    "exit at once": "import os\nos._exit(0)\ndef {name}(*a): return 1\n",
    "patched assert": (
        "import builtins\nbuiltins.AssertionError = int\nbuiltins.abs = lambda x: 0\ndef {name}(*a): return None\n"
    ),
    "patched repr": "import builtins\nbuiltins.repr = lambda x: '0 or True'\ndef {name}(*a): return 1\n",
    "own output": (
        "import json, os\njson.dump(['True'] * 500, open('/root/values.json', 'w'))\nos._exit(0)\n"
        "def {name}(*a): return 1\n"
    ),
    "no end": "def {name}(*a):\n    while True: pass\n",
    "forks": "import os\nfor _ in range(200): os.fork()\ndef {name}(*a): return 1\n",
    "nothing": "",
}


@pytest.fixture(scope="module")
def items() -> dict[str, Item]:
    sys.path.append(str(PACKAGES))
    return {item.id: item for split in ("dev", "hidden") for item in human_eval.items(split, 0)}


def test_every_canonical_solution_passes_by_its_values(items: dict[str, Item]) -> None:
    assert len(items) == 164
    for item in items.values():
        calls = calls_of_tests(item)
        space: dict = {}
        exec(program_of(human_eval.right_answer(item), item), space)
        values = [repr(space[calls.function](*literal(arguments))) for arguments in calls.arguments]
        assert calls.arguments, item.id
        assert passes(item, calls, values), item.id
        assert not passes(item, calls, [None] * len(values)), item.id
        assert not passes(item, calls, ["Equal()"] * len(values)), item.id
        assert not passes(item, calls, values[:-1]), item.id


@pytest.mark.parametrize("text", ["Equal()", "__import__('os')", "1 +", "(" * 300, "inf", "nan", "x", "lambda: 1", ""])
def test_what_is_no_plain_literal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        literal(text)


def test_completions_go_on_where_the_beginning_ends_or_bring_the_function(items: dict[str, Item]) -> None:
    item = items["humaneval-0"]
    body = item.reference["solution"]
    assert program_of(body, item) == item.reference["prompt"] + body
    whole = "Here:\n```python\nfrom typing import List\n\ndef has_close_elements(a, b):\n    return 1\n```"
    assert program_of(whole, item).count("def has_close_elements(") == 1


@pytest.mark.docker
def test_right_answers_pass_and_hostile_ones_do_not(items: dict[str, Item]) -> None:
    item = items["humaneval-2"]  # its tests compare floats with a tolerance
    name = item.reference["function"]
    answers = [item.reference["solution"], *(f"```python\n{code.format(name=name)}\n```" for code in HOSTILE.values())]
    scores = human_eval.judge([item] * len(answers), answers)
    assert dict(zip(("right", *HOSTILE), scores, strict=True)) == {"right": 1.0, **dict.fromkeys(HOSTILE, 0.0)}


@pytest.mark.docker
def test_hostile_answers_do_not_pass_where_tests_compare_with_equality(items: dict[str, Item]) -> None:
    item = items["humaneval-0"]
    name = item.reference["function"]
    codes = [HOSTILE["equal to everything"], HOSTILE["exit"], HOSTILE["patched assert"]]
    assert human_eval.judge([item] * 3, [f"```python\n{code.format(name=name)}\n```" for code in codes]) == [0.0] * 3
