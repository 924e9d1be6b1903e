"""Few-shot references are asked behind answered questions of the dev split, the same before every question."""

from __future__ import annotations

from pathlib import Path

import pytest

from posttrain_arena.adapters.benchmarks.process import items_of
from posttrain_arena.adapters.benchmarks.registry import BENCHMARKS
from posttrain_arena.cli.main import main
from posttrain_arena.core.benchmarks.few_shot import prompt_of, shown_of
from posttrain_arena.errors import UsageError

TINY = BENCHMARKS["tiny-reasoning"]


def test_examples_are_of_the_dev_split_right_and_always_the_same() -> None:
    dev = items_of("tiny-reasoning", "dev")
    shown = shown_of(TINY, dev, 3)
    assert shown == shown_of(TINY, dev[::-1], 3)
    assert set(shown) <= {(item.prompt, item.reference["answer"]) for item in dev}
    assert len(set(shown)) == 3
    (first, answer), *_ = shown
    asked = prompt_of("How many?", shown)
    assert asked.startswith(f"Question: {first}\nAnswer: {answer}\n\nQuestion: ")
    assert asked.endswith("\n\nQuestion: How many?\nAnswer:")
    assert prompt_of("How many?", shown_of(TINY, dev, 0)) == "How many?"


def test_what_cannot_be_shown_is_refused() -> None:
    dev = items_of("tiny-regression", "dev")
    with pytest.raises(UsageError, match="--shots 21: tiny-regression has 20 items in its dev split"):
        shown_of(BENCHMARKS["tiny-regression"], dev, 21)
    with pytest.raises(UsageError, match="arenahard has no right answers that could be shown: leave it out"):
        shown_of(BENCHMARKS["arenahard"], dev, 1)


def test_few_shot_rows_are_of_base_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ["--secret", str(tmp_path / "secret"), "--out", str(tmp_path / "out.json")]
    assert main(["agents", "reference", "--shots", "2", "--model", str(tmp_path), *told]) == 2
    assert "--shots: few-shot rows are of base models: leave --model out" in capsys.readouterr().err
