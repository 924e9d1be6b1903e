"""Function calling on the data of ``bfcl-eval``: one call, one of several functions, several calls, or none.

Only the package's data is used; calls are compared as data by ``core.benchmarks.calls``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from posttrain_arena.adapters.benchmarks.rows import read_rows
from posttrain_arena.core.benchmarks.calls import right_calls, right_calls_of
from posttrain_arena.core.benchmarks.contract import Benchmark, Split, dev_sample
from posttrain_arena.core.benchmarks.guard import guarded
from posttrain_arena.errors import UsageError
from posttrain_arena.model.benchmark import BenchmarkCard, Generation, Item

CATEGORIES = ("simple_python", "multiple", "parallel", "irrelevance")
SIZES = {"simple_python": 400, "multiple": 200, "parallel": 200, "irrelevance": 240}
DEV_PER_CATEGORY = 25
_ASK = """\
These functions can be called:
{functions}

Answer with a JSON list of calls, each {{"name": …, "arguments": {{…}}}}, and nothing else. If none of the functions
fits, answer [].

{question}"""


def items(split: Split, seed: int, data: Path | None = None) -> tuple[Item, ...]:
    """Return a split; the dev split has DEV_PER_CATEGORY of each category."""
    found: list[Item] = []
    for category in CATEGORIES:
        rows = _rows(category)
        dev = set(dev_sample(sorted(rows), DEV_PER_CATEGORY))
        found += [_item(rows[name]) for name in sorted(rows) if (name in dev) == (split == "dev")]
    return tuple(found)


def judge(items: Sequence[Item], completions: Sequence[str]) -> list[float]:
    """Return 1.0 for each completion with exactly the right calls."""
    return [guarded(right_calls, completion, item) for item, completion in zip(items, completions, strict=True)]


def _rows(category: str) -> dict[str, dict[str, Any]]:
    found = find_spec("bfcl_eval")
    if found is None or found.origin is None:
        raise UsageError("the package bfcl-eval is missing: run scripts/setup/benchmarks.sh")
    data = Path(found.origin).with_name("data")
    name = f"BFCL_v4_{category}.json"
    rows = {row["id"]: {**row, "calls": []} for row in read_rows(data / name)}
    answers = data / "possible_answer" / name
    if answers.is_file():
        for row in read_rows(answers):
            rows[row["id"]]["calls"] = row["ground_truth"]
    return rows


def _item(row: dict[str, Any]) -> Item:
    question = "\n".join(message["content"] for message in row["question"][0])
    functions = "\n".join(json.dumps(function, sort_keys=True) for function in row["function"])
    prompt = _ASK.format(functions=functions, question=question)
    reference: dict[str, Any] = {"calls": row["calls"]}
    if not row["calls"]:
        reference["answer"] = "[]"
    return Item(id=row["id"].replace("_", "-"), prompt=prompt, reference=reference)


BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark(
        card=BenchmarkCard(
            name="function-calls",
            version="1",
            description="Call the right functions with the right arguments, or none; four categories of BFCL v4.",
            scorer="function-calls",
            generation=Generation(samples=1, temperature=0.6, top_p=0.95, max_tokens=2048, context=16384),
            dev_items=DEV_PER_CATEGORY * len(CATEGORIES),
            hidden_items=sum(SIZES.values()) - DEV_PER_CATEGORY * len(CATEGORIES),
        ),
        items=items,
        judge=judge,
        right_answer=right_calls_of,
    ),
)
