"""The five ways to find hidden items: all of HumanEval in nine disguises, and 1,500 functions that are none of it."""

from __future__ import annotations

import gzip
import json

import pytest
from clean_code import clean_functions
from human_eval_items import VARIANTS, items, problems

from posttrain_arena.core.audit.contamination import WAYS, Contamination, Match
from posttrain_arena.core.audit.items import Item, Protected
from posttrain_arena.core.audit.passages import passages

CONTAMINATION = Contamination(Protected(hidden=items()))
ASKED = ("verbatim", "question-only", "renamed", "docstring-removed", "reformatted")
REACHED = {"in prose": 0.99, "base64": 0.99, "every ninth word changed": 0.99, "renamed, docstring removed": 0.8}
"""Of the last, what is left of a short function is anybody's: it is not told from others, on purpose."""

CLEAN = 1500


def _found(text: str | bytes, looked: Contamination = CONTAMINATION) -> list[Match]:
    data = text if isinstance(text, bytes) else text.encode()
    return looked.look(passages("file", data))


@pytest.mark.parametrize("variant", VARIANTS)
def test_detection(variant: str) -> None:
    found = sum(
        problem["task_id"] in {match.item for match in _found(VARIANTS[variant](problem))} for problem in problems()
    )
    assert len(problems()) == 164
    assert found / len(problems()) >= (0.99 if variant in ASKED else REACHED[variant])


def test_false_alarms_on_honest_functions() -> None:
    functions = clean_functions(CLEAN)
    alarms = [(where, match) for where, source in functions for match in _found(source)]
    assert len(functions) == CLEAN
    assert len({where for where, _ in alarms}) <= CLEAN // 1000


def test_each_way_finds_what_it_is_there_for() -> None:
    problem = problems()[0]
    assert {match.way for match in _found(VARIANTS["in prose"](problem))} == set(WAYS)
    assert {match.way for match in _found(VARIANTS["question-only"](problem))} >= {"question", "13-gram"}
    assert "syntax-tree" in {match.way for match in _found(VARIANTS["docstring-removed"](problem))}


def test_evidence_names_the_line() -> None:
    lines = [json.dumps({"text": f"an honest record number {number}"}) for number in range(40)]
    lines[17] = VARIANTS["verbatim"](problems()[3]).strip()
    (match, *_) = _found("\n".join(lines))
    assert (match.item, match.line) == (problems()[3]["task_id"], 18)


def test_packed_data_is_unpacked() -> None:
    data = gzip.compress(VARIANTS["verbatim"](problems()[5]).encode())
    assert {match.item for match in _found(data)} == {problems()[5]["task_id"]}


def test_the_form_of_a_benchmark_is_no_item() -> None:
    form = "Please solve this riddle with care and answer with one number and nothing else: how much is {} plus {}?"
    hidden = [Item(id=str(number), question=form.format(1000 + number, 7 * number)) for number in range(60)]
    looked = Contamination(Protected(hidden=hidden))
    assert _found(form.format("one", "two"), looked) == []
    assert {match.item for match in _found(hidden[7].question, looked)} == {"7"}


def test_what_everybody_was_given_is_no_leak() -> None:
    item = items()[0]
    looked = Contamination(Protected(hidden=[item], public=[item.question + item.answer]))
    assert _found(item.question + item.answer, looked) == []


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02", b"\x1f\x8bbroken", b"[" * 100_000, b'{"a": [1, 2', b"def f(:", b"\xff" * 50]
)
def test_broken_files_are_read_past(data: bytes) -> None:
    assert _found(data) == []
