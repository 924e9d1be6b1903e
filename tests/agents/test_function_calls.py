"""Calls are right where they are exactly those that were wanted."""

from __future__ import annotations

import json
import sys

import pytest

from posttrain_arena.adapters.benchmarks import function_calls
from posttrain_arena.adapters.benchmarks.process import PACKAGES
from posttrain_arena.core.benchmarks.calls import calls_of, right_calls_of
from posttrain_arena.core.benchmarks.guard import decoys
from posttrain_arena.model.benchmark import Item

ITEM = Item(
    id="x",
    prompt="the area?",
    reference={
        "calls": [{"area": {"base": [10], "height": [5], "unit": ["units", ""], "at": [{"town": ["Oslo"]}, ""]}}]
    },
)
RIGHT = {"name": "area", "arguments": {"base": 10, "height": 5}}


def _changed(**arguments: object) -> str:
    return json.dumps([{"name": "area", "arguments": {"base": 10, "height": 5, **arguments}}])


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps([RIGHT]),
        json.dumps(RIGHT),
        f"```json\n{json.dumps([RIGHT])}\n```",
        f"<tool_call>\n{json.dumps(RIGHT)}\n</tool_call>",
        _changed(base=10.0),
        _changed(unit="Units"),
        _changed(at={"town": "oslo"}),
    ],
)
def test_right_calls_count(answer: str) -> None:
    assert function_calls.judge([ITEM], [answer]) == [1.0]


@pytest.mark.parametrize(
    "answer",
    [
        *decoys(ITEM),
        json.dumps([RIGHT, RIGHT]),
        _changed(base=True),
        _changed(base="10"),
        _changed(base=float("nan")),
        _changed(more=1),
        _changed(unit="miles"),
        _changed(at={"town": "Rome"}),
        _changed(at={"town": "Oslo", "more": 1}),
        json.dumps([{"name": "area", "arguments": {"base": 10}}]),
        json.dumps([{"name": "volume", "arguments": RIGHT["arguments"]}]),
        json.dumps([{**RIGHT, "verdict": 1}]),
        "area(base=10, height=5)",
        "[" * 5000,
    ],
)
def test_everything_else_does_not(answer: str) -> None:
    assert function_calls.judge([ITEM], [answer]) == [0.0]


def test_no_call_is_right_where_none_fits() -> None:
    item = Item(id="x", prompt="?", reference={"calls": [], "answer": "[]"})
    assert function_calls.judge([item] * 3, ["[]", json.dumps([RIGHT]), "none"]) == [1.0, 0.0, 0.0]


def test_too_many_calls_are_none() -> None:
    assert calls_of(json.dumps([RIGHT] * 51)) is None


def test_data_of_the_package_is_whole_and_its_right_answers_are_right() -> None:
    sys.path.append(str(PACKAGES))
    items = {split: function_calls.items(split, 0) for split in ("dev", "hidden")}
    card = function_calls.BENCHMARKS[0].card
    assert {split: len(found) for split, found in items.items()} == {"dev": card.dev_items, "hidden": card.hidden_items}
    assert not {item.id for item in items["dev"]} & {item.id for item in items["hidden"]}
    answers = [right_calls_of(item) for item in items["hidden"]]
    scores = dict(
        zip((item.id for item in items["hidden"]), function_calls.judge(items["hidden"], answers), strict=True)
    )
    assert {name for name, score in scores.items() if score != 1.0} == set()
