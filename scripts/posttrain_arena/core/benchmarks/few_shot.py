"""Show a model questions of the dev split with right answers before the one it is asked.

How good a base model is that was told the form of an answer: the board's few-shot rows. The examples are the same for
every question, since all references of a board are compared with one another.
"""

from __future__ import annotations

from collections.abc import Sequence

from posttrain_arena.core.benchmarks.contract import Benchmark, dev_sample
from posttrain_arena.errors import UsageError
from posttrain_arena.model.benchmark import Item

Shown = Sequence[tuple[str, str]]
"""Questions with their answers."""


def shown_of(benchmark: Benchmark, dev: Sequence[Item], shots: int) -> Shown:
    """Return ``shots`` items of the dev split with right answers, the same each time.

    Raises UsageError where there are fewer, or where the benchmark knows no right answers.
    """
    name = benchmark.card.name
    if not shots:
        return ()
    if benchmark.right_answer is None:
        raise UsageError(
            f"{name} has no right answers that could be shown: leave it out, with --benchmark or --regression"
        )
    if shots > len(dev):
        raise UsageError(f"--shots {shots}: {name} has {len(dev)} items in its dev split")
    items = {item.id: item for item in dev}
    chosen = sorted(dev_sample(sorted(items), shots))
    return [(items[id].prompt, benchmark.right_answer(items[id])) for id in chosen]


def prompt_of(question: str, shown: Shown) -> str:
    """Return the question behind those that are shown; alone where none is."""
    if not shown:
        return question
    blocks = [f"Question: {asked}\nAnswer: {answer}" for asked, answer in shown]
    return "\n\n".join([*blocks, f"Question: {question}\nAnswer:"])
