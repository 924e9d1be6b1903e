"""A made-up later version of the published grids: other benchmarks, other base models, five runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from posttrain_arena.cli.main import main

BENCHMARKS = ("browsecomp", "swe", "medqa")
MODELS = ("Llama-9-1B", "Qwen9-2B-Base", "gemma-9-pt", "Olmo9-7B", "Phi-9")
INSTRUCT = ("Llama-9-1B-Instruct", "Qwen9-2B", "gemma-9-it", "Olmo9-7B-Instruct", "Phi-9-chat")
BASE = {
    "Llama-9-1B": (0.01, 0.125, 0.2),
    "Qwen9-2B-Base": (0.02, 0.0, 0.31),
    "gemma-9-pt": (0.0, 0.05, 0.24),
    "Olmo9-7B": (0.03, 0.11, 0.27),
    "Phi-9": (0.07, 0.3, 0.41),
}
OFFICIAL = dict(
    zip(INSTRUCT, ((0.2, 0.3, 0.5), (0.4, 0.5, 0.6), (0.3, 0.2, 0.45), (0.5, 0.7, 0.8), (0.6, 0.9, 0.7)), strict=True)
)
RUNS = (
    {model: tuple(min(1.0, score + 0.1) for score in row) for model, row in BASE.items()},
    {model: tuple(min(1.0, score + 0.2) for score in row) for model, row in BASE.items()},
    {model: tuple(score / 2 for score in row) for model, row in BASE.items()},
    {model: tuple(min(1.0, score + 0.3) for score in row) for model, row in BASE.items()},
    {model: tuple(score * score for score in row) for model, row in BASE.items()},
)
Cells = dict[str, tuple[Any, ...]]


def write_grid(path: Path, rows: Cells, order: tuple[int, ...] = (0, 1, 2), *, kind: str = "") -> Path:
    """Write a table with its columns in an ``order``."""
    head = ["model", *(["kind"] if kind else []), *(BENCHMARKS[at] for at in order)]
    lines = [[model, *([kind] if kind else []), *(str(row[at]) for at in order)] for model, row in rows.items()]
    path.write_text("\n".join(",".join(line) for line in [head, *lines]) + "\n", encoding="utf-8")
    return path


def write_version(folder: Path) -> None:
    """Write baselines without a column ``kind``, few-shot scores and five runs, all with columns in another order."""
    write_grid(folder / "baselines.csv", {**OFFICIAL, **BASE}, (2, 0, 1))
    write_grid(folder / "fewshot.csv", dict.fromkeys(MODELS, (0.1, 0.2, 0.3)), (1, 2, 0))
    for number, run in enumerate(RUNS, start=1):
        write_grid(folder / f"final_coder_run{number}.csv", run, (number % 3, (number + 1) % 3, (number + 2) % 3))


def few_shot(files: Path) -> tuple[str, str]:
    """Return the option that names the few-shot scores."""
    return "--few-shot", str(files / "fewshot.csv")


def scored(files: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the board that `arena leaderboard grids` prints."""
    code = main(["leaderboard", "grids", "--baselines", str(files / "baselines.csv"), *options, "--format", "json"])
    told = capsys.readouterr()
    assert code == 0, told.err
    board: dict[str, Any] = json.loads(told.out)
    return board


def refused(files: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what it says where it refuses."""
    assert main(["leaderboard", "grids", "--baselines", str(files / "baselines.csv"), *options]) == 2
    return capsys.readouterr().err
