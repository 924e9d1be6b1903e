"""The published benchmarks that no package brings, each read from a local file whose digest the organisers pinned.

The files are JSON Lines as published: AIME 2025 (``problem``, ``answer``), GSM8K (``question``, ``answer`` with
``####``), GPQA (``Question``, ``Correct Answer``, ``Incorrect Answer 1`` to ``3``), ArenaHard (``prompt`` and
``baseline``, the answer to beat), HealthBench (``prompt``, a list of messages, and ``rubrics``).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from posttrain_arena.adapters.benchmarks.rows import read_rows
from posttrain_arena.core.benchmarks.answers import boxed_answer_of, number, option
from posttrain_arena.core.benchmarks.contract import DEV_SEED, Benchmark, Judge, Split, dev_sample
from posttrain_arena.core.benchmarks.guard import Scorer, guarded
from posttrain_arena.core.benchmarks.model_judges import by_comparison, by_rubric
from posttrain_arena.errors import UsageError
from posttrain_arena.model.benchmark import BenchmarkCard, Generation, Item

_NUMBER = "\n\nThink first. End with the answer alone, as \\boxed{answer}."
_OPTION = "\n\nThink first. End with the letter of the right option, as \\boxed{letter}."
_REMARK = re.compile(r"<<[^<>]*>>")
"""How GSM8K notes what a calculator is to do."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """``to_item`` returns prompt and reference of a row. Of each file ``dev`` items are the dev split."""

    name: str
    description: str
    to_item: Callable[[Row, random.Random], tuple[str, dict[str, Any]]]
    score: Scorer | Literal["rubric", "comparison"]
    dev: int
    all: int
    samples: int = 1


def _aime(row: Row, rng: random.Random) -> tuple[str, dict[str, Any]]:
    return str(row["problem"]) + _NUMBER, {"answer": str(int(row["answer"]))}


def _gsm8k(row: Row, rng: random.Random) -> tuple[str, dict[str, Any]]:
    working, _, right = str(row["answer"]).rpartition("####")
    reference = {"answer": right.strip().replace(",", ""), "working": _REMARK.sub("", working).strip()}
    return str(row["question"]) + _NUMBER, reference


def _gpqa(row: Row, rng: random.Random) -> tuple[str, dict[str, Any]]:
    options = [str(row[key]) for key in ("Correct Answer", *(f"Incorrect Answer {n}" for n in (1, 2, 3)))]
    order = rng.sample(range(4), 4)
    listed = "\n".join(f"{letter}) {options[place].strip()}" for letter, place in zip("ABCD", order, strict=True))
    return f"{row['Question']}\n\n{listed}{_OPTION}", {"answer": "ABCD"[order.index(0)]}


def _arena_hard(row: Row, rng: random.Random) -> tuple[str, dict[str, Any]]:
    return str(row["prompt"]), {"baseline": str(row["baseline"])}


def _health_bench(row: Row, rng: random.Random) -> tuple[str, dict[str, Any]]:
    messages = row["prompt"]
    if len(messages) == 1:
        prompt = str(messages[0]["content"])
    else:
        said = "\n\n".join(f"{message['role']}: {message['content']}" for message in messages)
        prompt = f"Write the assistant's next message of this conversation.\n\n{said}"
    rubric = [{"criterion": str(one["criterion"]), "points": float(one["points"])} for one in row["rubrics"]]
    if not any(float(one["points"]) > 0 for one in row["rubrics"]):
        raise ValueError("no criterion has positive points")
    return prompt, {"rubric": rubric}


_SOURCES = (
    _Source(
        name="aime2025",
        description="Competition problems whose answer is a whole number from 0 to 999.",
        to_item=_aime,
        score=number,
        dev=5,
        all=30,
        samples=10,
    ),
    _Source(
        name="arenahard",
        description="Open requests; a model compares each answer with a baseline's.",
        to_item=_arena_hard,
        score="comparison",
        dev=50,
        all=500,
    ),
    _Source(
        name="gpqa",
        description="Hard questions of science with four options.",
        to_item=_gpqa,
        score=option,
        dev=40,
        all=448,
    ),
    _Source(
        name="gsm8k",
        description="School arithmetic in words.",
        to_item=_gsm8k,
        score=number,
        dev=119,
        all=1319,
    ),
    _Source(
        name="healthbench",
        description="Conversations on health; a model judges criteria that doctors wrote.",
        to_item=_health_bench,
        score="rubric",
        dev=100,
        all=5000,
    ),
)


def read_items(source: _Source, split: Split, data: Path | None) -> tuple[Item, ...]:
    """Return the items of a split; raises UsageError where the file is missing or not as published."""
    if data is None:
        raise UsageError(f"{source.name} is read from a local file: name it with --data")
    rows = read_rows(data)
    if len(rows) <= source.dev:
        raise UsageError(f"{data}: has {len(rows)} rows, {source.name} has {source.all}")
    names = [f"{source.name}-{number:05d}" for number in range(len(rows))]
    dev = dev_sample(names, source.dev)
    chosen = [(name, row) for name, row in zip(names, rows, strict=True) if (name in dev) == (split == "dev")]
    return tuple(_item(source, name, row, data) for name, row in chosen)


def _item(source: _Source, name: str, row: Row, data: Path) -> Item:
    rng = random.Random(f"{DEV_SEED}/{name}")  # noqa: S311 (the order of options is no secret)
    try:
        prompt, reference = source.to_item(row, rng)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{data}: {name} is not as published: {error!r}") from error
    return Item(id=name, prompt=prompt, reference=reference)


def _judge_by(score: Scorer, items: Sequence[Item], completions: Sequence[str]) -> list[float]:
    return [guarded(score, completion, item) for item, completion in zip(items, completions, strict=True)]


def _unjudged(name: str, items: Sequence[Item], completions: Sequence[str]) -> list[float]:
    raise UsageError(f"{name} is judged by a model: name one as `judge` in the document of --data")


def _benchmark(source: _Source) -> Benchmark:
    card = BenchmarkCard(
        name=source.name,
        version="2" if isinstance(source.score, str) else "1",  # 2: judges are shown texts between marks
        description=source.description,
        scorer="model" if isinstance(source.score, str) else "answer",
        generation=Generation(samples=source.samples, temperature=0.6, top_p=0.95, max_tokens=16384, context=32768),
        dev_items=source.dev,
        hidden_items=source.all - source.dev,
    )
    judge: Judge = partial(_unjudged, source.name)
    by_model: Callable[..., Judge] | None = None
    if isinstance(source.score, str):
        judges = {"rubric": by_rubric, "comparison": by_comparison}
        by_model = partial(partial, judges[source.score])
    else:
        judge = partial(_judge_by, source.score)
    return Benchmark(
        card=card,
        items=lambda split, seed, data: read_items(source, split, data),
        judge=judge,
        right_answer=None if by_model else boxed_answer_of,
        from_file=True,
        by_model=by_model,
    )


BENCHMARKS: tuple[Benchmark, ...] = tuple(_benchmark(source) for source in _SOURCES)
