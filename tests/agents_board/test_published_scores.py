"""The published PostTrainBench scores come out of their own grids, to 1e-9."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

import pytest

from posttrain_arena.core.agents_board.aggregate import Grid, aggregate, full_grid, mean_sd, score, spread, weighted
from posttrain_arena.core.agents_board.published_fallbacks import Place, of_grid, read_fallbacks
from posttrain_arena.core.agents_board.published_grids import NOTHING, judged, read_grid, seconds
from posttrain_arena.core.agents_board.published_references import read_few_shot, read_references
from posttrain_arena.core.agents_board.published_tables import read_table
from posttrain_arena.core.agents_board.weights import weights
from posttrain_arena.model.agents_cells import Fallback

DATA = Path(__file__).parent / "posttrainbench-v1.0"
EXACT = 1e-9
SHOWN = 0.00005 + EXACT
"""Half a unit of the last digit of what the site shows: percent with two decimals."""


def _text(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


def _table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines()))


REFERENCES = read_references(_text("baselines_by_model.csv"), where="baselines_by_model.csv")
BASE = REFERENCES.base
WEIGHTS = weights(BASE, REFERENCES.instruct, REFERENCES.benchmarks)
SITE = json.loads(_text("site_scores.json"))
EXPECTED = {
    row["agent"]: row for row in _table("expected_aggregates.csv") if row["inputs"].startswith("aggregated_avg_")
}
METHODS = sorted(path.stem.removeprefix("final_") for path in DATA.glob("final_*.csv"))
RAW = [name for name in METHODS if (DATA / f"aggregated_{name}.csv").is_file()]
ON_THE_SITE = {
    "claude_claude-sonnet-4-5_10h_final_v3": "sonnet-4.5",
    "claude_non_api_claude-sonnet-4-6_10h": "sonnet-4.6",
    "opencode_anthropic_claude-opus-4-5_10h": "opus-4.5-opencode",
    "opencode_opencode_gemini-3-pro_10h": "gemini-3-pro-opencode",
    "opencode_opencode_glm-4.7-free_10h": "glm-4.7",
    "opencode_opencode_gpt-5.1-codex-max_10h": "gpt-5.1-codex-max-opencode",
    "opencode_opencode_kimi-k2-thinking_10h": "kimi-k2",
    "opencode_opencode_kimi-k2.5_10h_run2": "kimi-k2.5",
    "opencode_opencode_minimax-m2.1-free_10h": "minimax-m2.1",
    "opencode_opencode_minimax-m2.5-free_10h_run2": "minimax-m2.5",
    "opencode_zai_glm-5_10h_run2": "glm-5",
    "qwen3max_qwen3-max-2026-01-23_10h": "qwen3-max",
}


def _grid(name: str, fallbacks: Mapping[Place, Fallback] = NOTHING) -> Grid:
    return full_grid(read_grid(_text(name), BASE, fallbacks=fallbacks, where=name), BASE, REFERENCES.benchmarks)


def test_weights_are_the_published_ones() -> None:
    published = json.loads(_text("factors.json"))
    assert published.keys() == WEIGHTS.keys()
    assert all(abs(WEIGHTS[name] - published[name]) < EXACT for name in published)
    assert abs(sum(WEIGHTS.values()) - 1) < EXACT


def test_base_and_instruct_models_are_told_apart_by_name_too() -> None:
    found = read_references(_text("aggregated_baseline.csv"), base_models=set(BASE), where="baseline")
    assert (found.base, found.instruct) == (BASE, REFERENCES.instruct)
    few_shot = read_few_shot(_text("aggregated_baseline_fewshot.csv"), found, where="few-shot")
    assert few_shot == REFERENCES.few_shot


@pytest.mark.parametrize("agent", sorted(EXPECTED))
def test_average_of_an_agent_is_the_published_one(agent: str) -> None:
    found = aggregate([_grid(EXPECTED[agent]["inputs"])], WEIGHTS)
    assert abs(found.average.mean - float(EXPECTED[agent]["expected_avg"])) < EXACT
    assert (
        abs(
            found.average.mean
            - float(next(r["avg"] for r in _table("single_metrics_aggregated.csv") if r["agent"] == agent))
        )
        < EXACT
    )


@pytest.mark.parametrize(("table", "published"), [("instruct", 0.511), ("base", 0.075), ("few_shot", 0.181)])
def test_reference_rows_are_the_published_ones(table: str, published: float) -> None:
    assert round(weighted(getattr(REFERENCES, table), WEIGHTS), 3) == published


@pytest.mark.parametrize("method", RAW)
def test_raw_cells_fall_back_to_the_published_final_cells(method: str) -> None:
    final = _grid(f"final_{method}.csv")
    raw = _grid(f"aggregated_{method}.csv")
    grid = _grid(f"aggregated_{method}.csv", judged(raw, final))
    assert all(
        abs(cell.used - final[model][name].used) < EXACT for model, row in grid.items() for name, cell in row.items()
    )
    assert abs(score(grid, WEIGHTS) - score(final, WEIGHTS)) < EXACT


def test_every_reason_is_the_published_one() -> None:
    words = {
        "model not submitted": "model-not-submitted",
        "evaluation error": "evaluation-failed",
        "no run record": "no-run",
        "judge flag (inferred: raw score replaced by base score)": "audit-flagged",
    }
    found = set()
    for method in RAW:
        flags = judged(_grid(f"aggregated_{method}.csv"), _grid(f"final_{method}.csv"))
        for model, row in _grid(f"aggregated_{method}.csv", flags).items():
            found |= {(method, model, name, cell.reason) for name, cell in row.items() if cell.reason}
    listed = {(r["method"], r["base_model"], r["benchmark"], words[r["reason"]]) for r in _table("fallback_cells.csv")}
    assert found == listed
    assert len(found) == 138


def test_published_list_of_fallbacks_gives_the_published_final_scores() -> None:
    places = {(model, name) for model in BASE for name in REFERENCES.benchmarks}
    listed = read_fallbacks(_text("fallback_cells.csv"), places, where="fallback_cells.csv")
    for method in RAW:
        file = f"aggregated_{method}.csv"
        found, final = _grid(file, of_grid(listed, "any name", Path(file))), _grid(f"final_{method}.csv")
        assert abs(score(found, WEIGHTS) - score(final, WEIGHTS)) < EXACT
    assert set(listed) <= set(RAW)


@pytest.mark.parametrize("agent", sorted(EXPECTED))
def test_spread_of_a_benchmark_is_the_mean_of_the_sds_of_its_cells(agent: str) -> None:
    table = read_table(_text(f"aggregated_std_{agent}.csv"), where=agent)
    rows = {line.cells["model"]: line.cells for line in table.lines}
    shown = SITE["stdData"][agent.lower().replace("_", "-")]
    for name in REFERENCES.benchmarks:
        ours = mean_sd(float(row[name]) for row in rows.values())
        assert ours == pytest.approx(fmean(shown[model][name] for model in BASE) / 100, abs=SHOWN)


@pytest.mark.parametrize("method", sorted(ON_THE_SITE))
def test_cells_are_those_of_the_published_site(method: str) -> None:
    site = SITE["modelBenchmarkData"][ON_THE_SITE[method]]
    grid = _grid(f"final_{method}.csv")
    for model, row in grid.items():
        for name, cell in row.items():
            assert cell.used == pytest.approx(site[model][name]["value"] / 100, abs=SHOWN), (model, name)


def test_times_are_the_published_ones() -> None:
    for row in _table("aggregated_time_overview.csv"):
        assert f"{seconds(row['average_time']) / 36000:.1%}" == row["percentage"]
    for row in _table("time_aggregated.csv"):
        site = SITE["timeData"].get(row["agent"].lower().replace("_", "-"))
        if site:  # two agents of the paper are not on the site
            assert seconds(row["avg_time"]) / 3600 == pytest.approx(site["hours"], abs=0.0005 + EXACT)
            assert seconds(row["std_time"]) / 3600 == pytest.approx(site["stdHours"], abs=0.0005 + EXACT)


def test_spread_over_runs_is_the_sample_sd() -> None:
    one, two, three = (_grid(f"final_{method}.csv") for method in RAW[:3])
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
