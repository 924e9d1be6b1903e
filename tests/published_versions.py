"""Write a made-up later version of the published scores as a folder, its numbers computed here from the definition."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest
from agents_grids import BASE, BENCHMARKS, MODELS, OFFICIAL, RUNS, Cells, write_grid

from posttrain_arena.cli.main import main

FLAG = "judge flag (inferred: raw score replaced by base score)"
REASONS = {"timeout": "timeout", "not stored": "model not submitted", "ERR": "evaluation error", "": "no run record"}
RAW: dict[str, Cells] = {
    "coder_8h_run1": {**RUNS[0], "Phi-9": (0.5, "timeout", "not stored")},
    "coder_8h_run2": {**RUNS[1], "gemma-9-pt": ("ERR", 0.25, 0.44)},
    "coder_8h_v3": {**RUNS[3], "Olmo9-7B": (0.31, "", 0.5)},
    "other-solo-1_8h": RUNS[4],
}
FLAGGED = {"other-solo-1_8h": {("Llama-9-1B", 2)}}
"""Method → cells (by place of the benchmark) that a judge flagged."""
CODER = tuple(method for method in RAW if method.startswith("coder"))
SECONDS = {"coder_8h_run1": 7200, "coder_8h_run2": 9001, "coder_8h_v3": 10802, "other-solo-1_8h": 1234}
QUIET = {model: tuple(cell * 0.9 for cell in row) for model, row in OFFICIAL.items()}
QUIET = dict(zip(MODELS, QUIET.values(), strict=True))
SPREAD = {model: (0.01, 0.02 * at, 0.03) for at, model in enumerate(MODELS)}


def weights_of(official: Cells, base: Cells = BASE) -> tuple[float, ...]:
    """Return the weights by the definition; each mean goes over the numbers, and what has no gap weighs nothing."""
    means = [
        [fmean(row[at] for row in rows.values() if row[at] not in REASONS) for at in range(3)]
        for rows in (official, base)
    ]
    inverse = [1 / (high - low) if high > low else 0.0 for high, low in zip(*means, strict=True)]
    return tuple(value / sum(inverse) for value in inverse)


def final_of(method: str) -> Cells:
    """Return what counts in a method's grid."""
    flagged = FLAGGED.get(method, set())
    return {
        model: tuple(
            BASE[model][at] if cell in REASONS or (model, at) in flagged else cell for at, cell in enumerate(row)
        )
        for model, row in RAW[method].items()
    }


def score(cells: Cells, weights: tuple[float, ...]) -> float:
    """Return the score of a table of numbers."""
    return sum(
        weight * fmean(row[at] for row in cells.values() if row[at] not in REASONS)
        for at, weight in enumerate(weights)
        if weight
    )


def write_published(folder: Path, official: Cells = OFFICIAL, weights: tuple[float, ...] | None = None) -> Path:
    """Write a whole version; its averages have the ``weights``, by default those that follow from ``official``."""
    folder.mkdir(exist_ok=True)
    weight = weights or weights_of(official)
    write_grid(folder / "aggregated_baseline.csv", {**official, **BASE})
    lines = [("base_zeroshot", BASE), ("official_instruct", official)]
    rows = [(model, kind, *row) for kind, table in lines for model, row in table.items()]
    _write(folder / "baselines_by_model.csv", ("model", "kind", *BENCHMARKS), rows)
    (folder / "factors.json").write_text(json.dumps(dict(zip(BENCHMARKS, weight, strict=True))))
    for method, cells in RAW.items():
        write_grid(folder / f"aggregated_{method}.csv", cells)
        write_grid(folder / f"final_{method}.csv", final_of(method))
    finals = [final_of(method) for method in CODER]
    for kind, of in (("avg", fmean), ("std", stdev)):
        cells = {m: tuple(of([final[m][at] for final in finals]) for at in range(3)) for m in MODELS}
        write_grid(folder / f"aggregated_{kind}_Coder.csv", cells)
        write_grid(folder / f"aggregated_{kind}_Quiet.csv", QUIET if kind == "avg" else SPREAD)
    _write_aggregates(folder, official, weight)
    _write_list(folder)
    _write_times(folder)
    _write_site(folder, weight)
    return folder


def checked(folder: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Return the exit code of `arena leaderboard grids --folder`, and what it prints as JSON."""
    code = main(["leaderboard", "grids", "--folder", str(folder), *options, "--format", "json"])
    told = capsys.readouterr()
    assert code < 2, told.err
    return code, json.loads(told.out)


def _write(path: Path, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def _write_aggregates(folder: Path, official: Cells, weight: tuple[float, ...]) -> None:
    scores = [score(final_of(method), weight) for method in CODER]
    coder = (fmean(scores), stdev(scores), 3)
    inputs = "; ".join(f"final_{method}.csv" for method in CODER)
    head = ("suite", "agent", "inputs", "weights", "runs", "expected_avg", "expected_std", "n", "note")
    rows = [
        ("v9", "Coder", inputs, "factors.json", "three", *coder, ""),
        ("v9", "Quiet", "aggregated_avg_Quiet.csv", "factors.json", "", score(QUIET, weight), 0.01, 3, ""),
        ("v9", "Gone", "aggregated_avg_Gone.csv", "factors.json", "", 0.5, "", "", ""),
        (
            "v9",
            "Official",
            "aggregated_baseline.csv (instruct rows)",
            "",
            "",
            round(score(official, weight), 3),
            "",
            "",
            "",
        ),
        ("v9", "Base", "aggregated_baseline.csv (base rows)", "", "", round(score(BASE, weight), 3), "", "", ""),
    ]
    _write(folder / "expected_aggregates.csv", head, rows)
    metrics = [("Coder", *coder), ("Quiet", score(QUIET, weight), 0.01, 3)]
    _write(folder / "single_metrics_aggregated.csv", ("agent", "avg", "std", "n"), metrics)


def _write_list(folder: Path) -> None:
    rows = []
    for method, cells in RAW.items():
        for model, row in cells.items():
            for at, cell in enumerate(row):
                flagged = (model, at) in FLAGGED.get(method, set())
                if cell in REASONS or flagged:
                    reason = FLAG if flagged else REASONS[cell]
                    rows.append((method, model, BENCHMARKS[at], cell, BASE[model][at], reason))
    head = ("method", "base_model", "benchmark", "raw_cell", "final_cell", "reason")
    _write(folder / "fallback_cells.csv", head, rows)


def clock(seconds: float) -> str:
    """Return a time as it is published: cut to whole seconds."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _write_times(folder: Path) -> None:
    rows = [(method, clock(time), f"{time / 28800:.1%}") for method, time in SECONDS.items()]
    _write(folder / "aggregated_time_overview.csv", ("method", "average_time", "percentage"), rows)
    coder = [SECONDS[method] for method in CODER]
    times = [("Coder", clock(fmean(coder)), clock(stdev(coder)), 3), ("Quiet", "1:00:00", "0:01:00", 3)]
    _write(folder / "time_aggregated.csv", ("agent", "avg_time", "std_time", "n"), times)


def _write_site(folder: Path, weight: tuple[float, ...]) -> None:
    scores = [score(final_of(method), weight) for method in CODER]
    shown = {
        "benchmarkWeights": dict(zip(BENCHMARKS, weight, strict=True)),
        "modelBenchmarkData": {
            "base-model": _percent(BASE),
            "quiet": _percent(QUIET),
            "solo": _percent(final_of("other-solo-1_8h")),
        },
        "aggregatedScores": {
            "coder": {"avg": round(100 * fmean(scores), 2), "std": round(100 * stdev(scores), 2), "n": 3}
        },
        "stdData": {
            "quiet": {
                model: {name: cell["value"] for name, cell in row.items()} for model, row in _percent(SPREAD).items()
            }
        },
        "timeData": {"solo": {"hours": round(SECONDS["other-solo-1_8h"] / 3600, 3), "stdHours": None}},
    }
    (folder / "site_scores.json").write_text(json.dumps(shown))


def _percent(cells: Cells) -> Mapping[str, Mapping[str, Any]]:
    return {
        model: {
            name: {"value": round(100 * cell, 2), "fallbackType": False}
            for name, cell in zip(BENCHMARKS, row, strict=True)
        }
        for model, row in cells.items()
    }
