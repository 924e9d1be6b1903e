"""The published PostTrainBench scores come out of their own grids, to 1e-9."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from published_versions import checked

from posttrain_arena.core.agents_board.aggregate import Grid, aggregate, full_grid, score, spread
from posttrain_arena.core.agents_board.published_grids import read_grid
from posttrain_arena.core.agents_board.published_references import read_few_shot, read_references
from posttrain_arena.core.agents_board.weights import weights

DATA = Path(__file__).parent / "posttrainbench-v1.0"
EXACT = 1e-9


def _text(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


REFERENCES = read_references(_text("baselines_by_model.csv"), where="baselines_by_model.csv")
BASE = REFERENCES.base
WEIGHTS = weights(BASE, REFERENCES.instruct, REFERENCES.benchmarks)

COMPARED = {
    "weights": (7, EXACT),
    "baselines": (84, EXACT),
    "final cells": (336, EXACT),
    "reasons of the list": (138, EXACT),
    "raw cells of the list": (138, EXACT),
    "final cells of the list": (138, EXACT),
    "expected averages": (11, EXACT),
    "expected averages, rounded": (3, 0.0005),
    "averages by agent": (11, EXACT),
    "shares of the budget": (15, 0.0005),
    "weights of the site": (7, EXACT),
    "cells of the site": (728, 0.00005),
    "averages of the site": (11, 0.00005),
    "SDs of cells of the site": (308, 0.00005),
    "± of the site": (77, 0.00005),
    "hours of the site": (34, 0.0005),
}
"""What is compared of v1.0: how many numbers, and to what."""


def test_every_published_number_of_the_version_holds(capsys) -> None:
    code, told = checked(DATA, capsys=capsys)
    assert (code, told["different"]) == (0, [])
    rounded = {"expected averages": 0.0005}
    found = {
        group["kind"] + ", rounded" * (group["within"] >= rounded.get(group["kind"], 1)): group
        for group in told["compared"]
    }
    assert {kind: group["count"] for kind, group in found.items()} == {kind: n for kind, (n, _) in COMPARED.items()}
    for kind, (_, within) in COMPARED.items():
        assert found[kind]["deviation"] <= found[kind]["within"] <= within + EXACT
    assert sum(told["weights"].values()) == pytest.approx(1, abs=EXACT)
    assert len(told["fallbacks"]) == 138


def test_what_cannot_be_compared_of_the_version_is_said(capsys) -> None:
    _, told = checked(DATA, capsys=capsys)
    whys = {found["what"]: found["why"] for found in told["not_compared"]}
    assert whys["average of GPT-5.1-Codex-Max Low"] == "no grid of it"
    assert whys["SD of Opus-4.6"] == whys["time of Opus-4.6"] == "its runs are not in the folder"
    assert "no raw grid" in whys["fallbacks of claude_claude-sonnet-4-5_10h_final_v3"]
    assert told["not_read"] == ["README.md"]


@pytest.mark.parametrize("file", ["fallback_cells.csv", "baselines_by_model.csv"])
def test_flags_and_kinds_of_models_follow_from_the_grids_alone(file: str, tmp_path: Path, capsys) -> None:
    _, whole = checked(DATA, capsys=capsys)
    shutil.copytree(DATA, tmp_path / "part", ignore=shutil.ignore_patterns(file))
    code, told = checked(tmp_path / "part", capsys=capsys)
    assert (code, told["different"]) == (0, [])
    assert told["weights"] == whole["weights"]
    assert told["fallbacks"] == whole["fallbacks"]


def test_base_and_instruct_models_are_told_apart_by_name_too() -> None:
    found = read_references(_text("aggregated_baseline.csv"), base_models=set(BASE), where="baseline")
    assert (found.base, found.instruct) == (BASE, REFERENCES.instruct)
    few_shot = read_few_shot(_text("aggregated_baseline_fewshot.csv"), found, where="few-shot")
    assert few_shot == REFERENCES.few_shot


def _grid(name: str) -> Grid:
    return full_grid(read_grid(_text(name), BASE, where=name), BASE, REFERENCES.benchmarks)


def test_spread_over_runs_is_the_sample_sd() -> None:
    one, two, three = (_grid(path.name) for path in sorted(DATA.glob("final_*.csv"))[:3])
    found = aggregate([one, two, three], WEIGHTS)
    by_hand = [score(grid, WEIGHTS) for grid in (one, two, three)]
    mean = sum(by_hand) / 3
    assert found.average.mean == pytest.approx(mean, abs=EXACT)
    assert found.average.sd == pytest.approx((sum((x - mean) ** 2 for x in by_hand) / 2) ** 0.5, abs=EXACT)
    assert found.average.n == 3
    cells = found.cells["gemma-3-4b-pt"]["gsm8k"]
    assert cells == spread(grid["gemma-3-4b-pt"]["gsm8k"].used for grid in (one, two, three))
    linear = sum(WEIGHTS[name] * found.benchmark_mean[name] for name in WEIGHTS)
    assert linear == pytest.approx(mean, abs=EXACT)
