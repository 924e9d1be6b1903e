"""Reasoning tasks made by ``reasoning-gym`` from seeds, each behind a judge that was proven against decoys.

Of its 106 tasks those are used whose question has one right text, which is then compared, or whose own scorer runs no
part of the answer as code and pays for no decoy (``tests/agents/test_procedural.py``). Others of them give full marks
to any text (``game_of_life_halting``) or to ``nan`` (``complex_arithmetic``), or parse answers by running them.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from posttrain_arena.core.benchmarks.answers import answer_of, exact
from posttrain_arena.core.benchmarks.contract import Benchmark, Split
from posttrain_arena.core.benchmarks.guard import guarded
from posttrain_arena.errors import ArenaError
from posttrain_arena.model.benchmark import BenchmarkCard, Generation, Item

_SOLVER = "pycosat"
_TRIES = 20
"""How many times the items that are wanted are made, at most: families with few items repeat themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """``by_package``: several answers are right, and the package's scorer judges; only its full marks count."""

    config: Mapping[str, Any] = field(default_factory=dict)
    by_package: bool = False


TINY: dict[str, Task] = {
    "letter_counting": Task(config={"min_words": 2, "max_words": 3}),
    "needle_haystack": Task(config={"min_num_statements": 2, "max_num_statements": 2}),
    "spell_backward": Task(config={"min_word_len": 4, "max_word_len": 5}),
}
"""Short enough for a context of 512 bytes, and learnable by a model of 0.2 M parameters in a minute."""

TINY_REGRESSION: dict[str, Task] = {
    "chain_sum": Task(config={"min_terms": 2, "max_terms": 2, "min_digits": 1, "max_digits": 2}),
    "number_sequence": Task(),
}

REASONING: dict[str, Task] = {
    "base_conversion": Task(),
    "basic_arithmetic": Task(),
    "caesar_cipher": Task(),
    "chain_sum": Task(),
    "complex_arithmetic": Task(by_package=True),
    "count_bits": Task(),
    "family_relationships": Task(),
    "game_of_life_halting": Task(),
    "gcd": Task(),
    "isomorphic_strings": Task(),
    "largest_island": Task(),
    "leg_counting": Task(),
    "letter_counting": Task(),
    "palindrome_generation": Task(by_package=True),
    "prime_factorization": Task(),
    "products": Task(),
    "ransom_note": Task(),
    "spell_backward": Task(),
    "syllogism": Task(),
    "word_sequence_reversal": Task(),
}

SUITES: dict[str, dict[str, Task]] = {
    "tiny-reasoning": TINY,
    "tiny-regression": TINY_REGRESSION,
    "reasoning": REASONING,
}


def make_items(suite: str, counts: Mapping[Split, int], split: Split, seed: int) -> tuple[Item, ...]:
    """Return the items of a split, as many of each task; none is also in the dev split."""
    tasks = SUITES[suite]
    seen: set[str] = set()
    if split == "hidden":
        from posttrain_arena.core.benchmarks.contract import DEV_SEED

        seen = {item.prompt for item in make_items(suite, counts, "dev", DEV_SEED)}
    each = counts[split] // len(tasks)
    found = [item for name in sorted(tasks) for item in _of_task(name, tasks[name], split, (seed, each), seen)]
    return tuple(found)


def judge(items: Sequence[Item], completions: Sequence[str]) -> list[float]:
    """Return 1.0 for each right completion and 0.0 for every other."""
    return [guarded(_score, completion, item) for item, completion in zip(items, completions, strict=True)]


def _score(answer: str, item: Item) -> float:
    name = str(item.reference["task"])
    task = next(tasks[name] for tasks in SUITES.values() if name in tasks)
    if not task.by_package:
        return exact(answer, item)
    factory = _factory()
    entry = {"question": item.prompt, "answer": item.reference["answer"], "metadata": item.reference["metadata"]}
    return float(factory.get_score_answer_fn(name)(answer, entry) == 1.0)


def _of_task(name: str, task: Task, split: Split, made: tuple[int, int], seen: set[str]) -> list[Item]:
    seed, count = made
    data = _factory().create_dataset(name, seed=seed, size=count * _TRIES, **task.config)
    items: list[Item] = []
    for entry in data:
        if len(items) == count:
            break
        if entry["question"] not in seen:
            seen.add(entry["question"])
            items.append(_item(f"{split}-{name}-{len(items):04d}", name, task, entry))
    if len(items) < count:
        raise ArenaError(f"{name} has fewer than {count} different questions with this configuration")
    return items


def _factory() -> Any:
    """Return what makes the package's tasks.

    It imports all of them, and one, which is not used here, a solver in C that would have to be compiled.
    """
    if _SOLVER not in sys.modules and importlib.util.find_spec(_SOLVER) is None:
        sys.modules[_SOLVER] = ModuleType(_SOLVER)
    return importlib.import_module("reasoning_gym.factory")


def _item(id: str, name: str, task: Task, entry: Mapping[str, Any]) -> Item:
    reference: dict[str, Any] = {"task": name, "answer": entry["answer"]}
    if task.by_package:
        reference["metadata"] = entry["metadata"]
    return Item(id=id, prompt=entry["question"], reference=reference)


def _benchmark(name: str, description: str, counts: Mapping[Split, int], generation: Generation) -> Benchmark:
    card = BenchmarkCard(
        name=name,
        version="1",
        description=description,
        scorer="procedural",
        generation=generation,
        dev_items=counts["dev"],
        hidden_items=counts["hidden"],
    )
    return Benchmark(
        card=card,
        items=lambda split, seed, data: make_items(name, counts, split, seed),
        judge=judge,
        right_answer=answer_of,
    )


_SHORT = Generation(samples=1, temperature=0.0, top_p=1.0, max_tokens=12, context=512)
_LONG = Generation(samples=1, temperature=0.6, top_p=0.95, max_tokens=4096, context=16384)

BENCHMARKS: tuple[Benchmark, ...] = (
    _benchmark(
        "tiny-reasoning",
        "Counts letters, finds a name in two statements and spells words backward; for the tiny model.",
        {"dev": 300, "hidden": 150},
        _SHORT,
    ),
    _benchmark("tiny-regression", "Adds two numbers and goes on with sequences.", {"dev": 20, "hidden": 60}, _SHORT),
    _benchmark("reasoning", "Twenty families of reasoning tasks.", {"dev": 200, "hidden": 1000}, _LONG),
)
