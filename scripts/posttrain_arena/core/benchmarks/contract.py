"""The contract of a benchmark: where its items come from, and who judges the answers.

A benchmark is one value of ``Benchmark``, listed in ``adapters.benchmarks.registry``. Its items are made or read by
``items`` and its completions judged by ``judge``; both are called in a process of their own alone, since packages of
other people and answers of hostile models meet there.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.benchmark import BenchmarkCard, Item

Split = Literal["dev", "hidden"]

DEV_SEED = 20260101
"""The dev splits are public."""

MIN_SECRET_BYTES = 16


@dataclass(frozen=True, slots=True)
class Lost:
    """What stands where an answer has no score of its own, or a judge gave no verdict; ``why`` is a short word."""

    why: str


class Judge(Protocol):
    """What says how good completions are."""

    def __call__(self, items: Sequence[Item], completions: Sequence[str]) -> Sequence[float | Lost]:
        """Return a score in [0, 1] for each completion of the item at its place, or why it has none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """``items`` makes the items of a split from a seed; the hidden split's seed needs the organisers' secret.

    With ``from_file`` the items are read from a local file, whose digest was checked before. With ``by_model`` a model
    judges, which the organisers name; ``judge`` is then made for it. ``right_answer`` returns a completion that the
    judge gives full marks, None where answers are free.
    """

    card: BenchmarkCard
    items: Callable[[Split, int, Path | None], tuple[Item, ...]]
    judge: Judge
    right_answer: Callable[[Item], str] | None = None
    from_file: bool = False
    by_model: Callable[[Ask], Judge] | None = None


Ask = Callable[[Sequence[str]], Sequence[str | Lost]]
"""Sends prompts to the model that judges and returns what it says to each, or why it says nothing."""


def split_seed(card: BenchmarkCard, split: Split, secret: bytes | None) -> int:
    """Return the seed of a split; raises UsageError where the hidden one is asked for without its secret."""
    if split == "dev":
        return DEV_SEED
    if secret is None or len(secret) < MIN_SECRET_BYTES:
        raise UsageError(f"the hidden split of {card.name} needs a secret of at least {MIN_SECRET_BYTES} bytes")
    mark = hmac.new(secret, f"{card.name}/{card.version}/hidden".encode(), hashlib.sha256).digest()
    return int.from_bytes(mark[:6], "big")


def items_digest(items: Sequence[Item]) -> str:
    """Return the digest of items in any order."""
    return documents.digest([documents.to_document(item) for item in sorted(items, key=lambda item: item.id)])


def request_seed(seed: int, item: str, sample: int) -> int:
    """Return the seed of one completion: it depends on nothing that shares its batch."""
    mark = hashlib.sha256(f"{seed}/{item}/{sample}".encode()).digest()
    return int.from_bytes(mark[:6], "big")


def dev_sample(names: Sequence[str], count: int) -> frozenset[str]:
    """Return which items of a published benchmark are its dev split: the same everywhere."""
    return frozenset(random.Random(DEV_SEED).sample(list(names), count))  # noqa: S311 (public)
