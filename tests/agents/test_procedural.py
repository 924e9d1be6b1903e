"""No wrapped task pays for nothing, and every one pays for its right answer."""

from __future__ import annotations

import sys

import pytest

from posttrain_arena.adapters.benchmarks import procedural, process
from posttrain_arena.adapters.benchmarks.process import PACKAGES, items_of, judged
from posttrain_arena.adapters.benchmarks.registry import BENCHMARKS
from posttrain_arena.core.benchmarks.answers import answer_of
from posttrain_arena.core.benchmarks.contract import items_digest, request_seed, split_seed
from posttrain_arena.core.benchmarks.guard import decoys, guarded
from posttrain_arena.errors import UsageError
from posttrain_arena.model.benchmark import Item

SECRET, OTHER = b"a secret of tests", b"another secret of tests"


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    sys.path.append(str(PACKAGES))


@pytest.mark.parametrize("suite", sorted(procedural.SUITES))
def test_every_task_pays_for_the_right_answer_and_for_no_decoy(suite: str) -> None:
    for task in procedural.SUITES[suite]:
        items = procedural._of_task(task, procedural.SUITES[suite][task], "dev", (7, 8), set())
        right = [answer_of(item) for item in items]
        assert procedural.judge(items, right) == [1.0] * len(items), task
        for item in items:
            said = [decoy for decoy in decoys(item) if decoy.strip() != item.reference["answer"]]
            assert procedural.judge([item] * len(said), said) == [0.0] * len(said), (task, item.id)


def test_scorers_of_the_package_are_in_need_of_the_guard() -> None:
    factory = procedural._factory()
    create_dataset, get_score_answer_fn = factory.create_dataset, factory.get_score_answer_fn
    entry = create_dataset("game_of_life_halting", seed=1, size=1)[0]
    assert get_score_answer_fn("game_of_life_halting")("qwertz", entry) == 1.0
    entry = create_dataset("complex_arithmetic", seed=5, size=1)[0]
    assert get_score_answer_fn("complex_arithmetic")("nan", entry) == 1.0


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -1.0, 1.5, True, "1.0", None])
def test_a_verdict_that_is_no_number_from_0_to_1_is_zero(score: object) -> None:
    item = Item(id="x", prompt="2 + 2?", reference={"answer": "4"})
    assert guarded(lambda answer, item: score, "four", item) == 0.0


def test_a_scorer_that_breaks_gives_zero() -> None:
    item = Item(id="x", prompt="2 + 2?", reference={"answer": "4"})
    assert guarded(lambda answer, item: 1 / 0, "four", item) == 0.0


def test_thoughts_are_no_part_of_the_answer() -> None:
    item = Item(id="x", prompt="2 + 2?", reference={"answer": "4", "task": "gcd"})
    assert procedural.judge([item], ["<think>5, no</think>\n\n4"]) == [1.0]


def test_hidden_splits_follow_the_secret_and_never_repeat_the_dev_split() -> None:
    dev, first, other = (
        items_of("tiny-reasoning", split, secret)
        for split, secret in (("dev", None), ("hidden", SECRET), ("hidden", OTHER))
    )
    process._made.cache_clear()
    again = items_of("tiny-reasoning", "hidden", SECRET)
    card = BENCHMARKS["tiny-reasoning"].card
    assert (len(dev), len(first)) == (card.dev_items, card.hidden_items)
    assert items_digest(first) == items_digest(again) != items_digest(other)
    assert not {item.prompt for item in dev} & {item.prompt for item in first}
    assert judged("tiny-reasoning", first[:3], [str(item.reference["answer"]) for item in first[:3]]) == (1.0,) * 3


@pytest.mark.parametrize("secret", [None, b"", b"short"])
def test_hidden_split_needs_a_secret(secret: bytes | None) -> None:
    with pytest.raises(UsageError, match="secret"):
        split_seed(BENCHMARKS["tiny-reasoning"].card, "hidden", secret)


def test_seeds_of_requests_differ() -> None:
    assert len({request_seed(seed, item, n) for seed in (0, 1) for item in ("a", "b") for n in (0, 1)}) == 8
