"""Grids of a later version: other benchmarks, other base models, another number of runs, cells that are missing."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean, stdev

import pytest
from agents_grids import (
    BASE,
    BENCHMARKS,
    INSTRUCT,
    MODELS,
    OFFICIAL,
    RUNS,
    Cells,
    few_shot,
    refused,
    scored,
    write_grid,
    write_version,
)

from posttrain_arena.cli.main import main


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write_version(tmp_path)
    return tmp_path


def _weights() -> tuple[float, ...]:
    gaps = [fmean(row[at] for row in OFFICIAL.values()) - fmean(row[at] for row in BASE.values()) for at in range(3)]
    return tuple(1 / gap / sum(1 / other for other in gaps) for gap in gaps)


def _score(run: Cells) -> float:
    return sum(weight * fmean(row[at] for row in run.values()) for at, weight in enumerate(_weights()))


def test_weights_average_and_sd_of_five_runs(files: Path, capsys) -> None:
    grids = [f"coder={files}/final_coder_run{number}.csv" for number in range(1, 6)]
    board = scored(files, *few_shot(files), *grids, capsys=capsys)
    row, scores = board["agents"][0], [_score(run) for run in RUNS]
    assert row["scores"] == pytest.approx(scores, abs=1e-12)
    assert (row["average"], row["sd"], row["n"]) == (
        pytest.approx(fmean(scores), abs=1e-12),
        pytest.approx(stdev(scores), abs=1e-12),
        5,
    )
    weight = {column["name"]: column["weight"] for column in board["benchmarks"]}
    assert [weight[name] for name in BENCHMARKS] == pytest.approx(_weights(), abs=1e-12)
    references = {row["kind"]: row["average"] for row in board["references"]}
    assert references["instruct"] == pytest.approx(_score(OFFICIAL), abs=1e-12)
    assert references["few-shot"] == pytest.approx(_score(dict.fromkeys(MODELS, (0.1, 0.2, 0.3))), abs=1e-12)


def test_instruct_models_stand_beside_the_base_models_of_their_name(files: Path, capsys) -> None:
    write_grid(files / "baselines.csv", {**dict(reversed(OFFICIAL.items())), **BASE})
    board = scored(files, "--base-models", ", ".join(MODELS), capsys=capsys)
    instruct = next(row for row in board["references"] if row["kind"] == "instruct")
    assert {cell["base_model"]: cell["model"] for cell in instruct["cells"]} == dict(zip(MODELS, INSTRUCT, strict=True))


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        *(
            (word, "no-run")
            for word in ("", "nan", "NaN", "n/a", "N/A", "n.a.", "-", "\N{EN DASH}", "None", "null", "not avl.")
        ),
        *((word, "model-not-submitted") for word in ("not stored", "Not Submitted")),
        *((word, "evaluation-failed") for word in ("ERR", "error", "timeout", "out of memory", "?")),
    ],
)
def test_words_for_a_number_count_as_the_base_score_and_say_why(word: str, reason: str, files: Path, capsys) -> None:
    run = {**RUNS[0], "Phi-9": (0.5, word, 0.5)}
    board = scored(files, f"coder={write_grid(files / 'run.csv', run)}", capsys=capsys)
    row = board["agents"][0]
    assert row["average"] == pytest.approx(_score({**run, "Phi-9": (0.5, 0.3, 0.5)}), abs=1e-12)
    found = {(cell["base_model"], cell["benchmark"]): cell["attempts"][0] for cell in row["cells"]}
    assert (found["Phi-9", "swe"]["reason"], found["Phi-9", "swe"]["raw"], row["fallbacks"]) == (reason, None, 1)


def test_rows_and_columns_that_are_missing_count_as_no_run(files: Path, capsys) -> None:
    (files / "run.csv").write_text("swe,model\n0.5,Phi-9\n\n0.6,Olmo9-7B\n", encoding="utf-8-sig")
    row = scored(files, *few_shot(files), f"coder={files / 'run.csv'}", capsys=capsys)["agents"][0]
    counted = {**BASE, "Phi-9": (0.07, 0.5, 0.41), "Olmo9-7B": (0.03, 0.6, 0.27)}
    assert row["average"] == pytest.approx(_score(counted), abs=1e-12)
    assert row["fallbacks"] == 13


LISTS = {
    "agent": "agent,base_model,benchmark\ncoder,Phi-9,swe\ncoder,gemma-9-pt,medqa\n",
    "method": "method,base_model,benchmark\ncoder_run2,Phi-9,swe\ncoder_run2,gemma-9-pt,medqa\n",
    "published": "method,base_model,benchmark,raw_cell,final_cell,reason\n"
    "coder_run2,Phi-9,swe,0.5,0.3,judge flag (inferred: raw score replaced by base score)\n"
    "coder_run2,gemma-9-pt,medqa,0.44,0.24,audit-flagged\n",
}


@pytest.mark.parametrize("form", LISTS)
def test_flags_count_by_agent_and_by_method(form: str, files: Path, capsys) -> None:
    (files / "flags.csv").write_text(LISTS[form])
    options = ("--flagged", str(files / "flags.csv"), f"coder={files}/final_coder_run2.csv")
    row = scored(files, *few_shot(files), *options, capsys=capsys)["agents"][0]
    flagged = {**RUNS[1], "Phi-9": (0.27, 0.3, 0.61), "gemma-9-pt": (0.2, 0.25, 0.24)}
    assert row["average"] == pytest.approx(_score(flagged), abs=1e-12)
    assert row["flagged"] == 2
    cells = {(cell["base_model"], cell["benchmark"]): cell["attempts"][0] for cell in row["cells"]}
    assert (cells["Phi-9", "swe"]["raw"], cells["Phi-9", "swe"]["used"]) == (0.5, 0.3)
    others = [[row[at] for model, row in RUNS[1].items() if (model, at) not in GONE] for at in range(3)]
    left = sum(weight * fmean(scores) for weight, scores in zip(_weights(), others, strict=True))
    assert row["unflagged"]["average"] == pytest.approx(left, abs=1e-12)


GONE = {("Phi-9", 1), ("gemma-9-pt", 2)}


def test_a_flag_of_a_method_is_of_that_run_alone(files: Path, capsys) -> None:
    (files / "flags.csv").write_text(LISTS["method"])
    grids = [f"coder={files}/final_coder_run{number}.csv" for number in (1, 2)]
    row = scored(files, *few_shot(files), "--flagged", f"{files}/flags.csv", *grids, capsys=capsys)["agents"][0]
    assert row["scores"][0] == pytest.approx(_score(RUNS[0]), abs=1e-12)
    assert row["flagged"] == 2


def test_reasons_of_the_list_stand_where_the_grid_has_none(files: Path, capsys) -> None:
    (files / "flags.csv").write_text(
        "agent,base_model,benchmark,reason\ncoder,Phi-9,swe,model not submitted\ncoder,Phi-9,medqa,judge flag\n"
        "coder,Olmo9-7B,swe,evaluation error\n"
    )
    grid = write_grid(files / "run.csv", {**RUNS[0], "Phi-9": (0.5, "nan", "-"), "Olmo9-7B": (0.1, 0.11, 0.2)})
    row = scored(files, "--flagged", f"{files}/flags.csv", f"coder={grid}", capsys=capsys)["agents"][0]
    cells = {(cell["base_model"], cell["benchmark"]): cell["attempts"][0]["reason"] for cell in row["cells"]}
    assert cells["Phi-9", "swe"] == "model-not-submitted"
    assert cells["Phi-9", "medqa"] == "audit-flagged"
    assert cells["Olmo9-7B", "swe"] == "evaluation-failed"


def test_base_models_are_told_by_the_option_the_few_shot_scores_or_the_grids(files: Path, capsys) -> None:
    write_grid(files / "part.csv", {model: row for model, row in RUNS[0].items() if model != "Phi-9"})
    part = f"coder={files}/part.csv"
    told = refused(files, part, capsys=capsys)
    assert "--base-models" in told
    assert "instruct models: Llama-9-1B-Instruct, Qwen9-2B, gemma-9-it, Olmo9-7B-Instruct, Phi-9-chat, Phi-9" in told
    assert "base models: none" in refused(files, capsys=capsys)
    boards = [
        scored(files, *options, capsys=capsys) for options in (few_shot(files), ("--base-models", ",".join(MODELS)))
    ]
    assert boards[0]["benchmarks"] == boards[1]["benchmarks"]
    averages = [
        scored(files, *options, part, capsys=capsys)["agents"][0]["average"]
        for options in (few_shot(files), ("--base-models", ",".join(MODELS)))
    ]
    assert averages[0] == averages[1]


def test_an_instruct_score_that_is_missing_leaves_the_mean_to_the_others(files: Path, capsys) -> None:
    write_grid(files / "baselines.csv", {**OFFICIAL, "gemma-9-it": ("ERR", 0.2, 0.45), **BASE})
    grid = f"coder={files}/final_coder_run1.csv"
    board = scored(files, *few_shot(files), grid, capsys=capsys)
    column = next(column for column in board["benchmarks"] if column["name"] == "browsecomp")
    left = [row[0] for model, row in OFFICIAL.items() if model != "gemma-9-it"]
    assert column["instruct"] == pytest.approx(fmean(left), abs=1e-12)
    instruct = next(row for row in board["references"] if row["kind"] == "instruct")
    assert (
        next(mean for mean in instruct["benchmarks"] if mean["benchmark"] == "browsecomp")["mean"] == column["instruct"]
    )
    assert [cell["score"] for cell in instruct["cells"]].count(None) == 1
    assert main(["leaderboard", "grids", "--baselines", f"{files}/baselines.csv", *few_shot(files), grid]) == 0
    assert "browsecomp: no instruct score of gemma-9-it" in capsys.readouterr().err


def test_an_agent_whose_weighed_cells_are_all_flagged_has_no_second_average(files: Path, capsys) -> None:
    (files / "weights.json").write_text('{"swe": 1.0}')
    (files / "flags.csv").write_text("agent,base_model,benchmark\n" + "".join(f"coder,{m},swe\n" for m in MODELS))
    options = ("--weights", f"{files}/weights.json", "--flagged", f"{files}/flags.csv", *few_shot(files))
    row = scored(files, *options, f"coder={files}/final_coder_run1.csv", capsys=capsys)["agents"][0]
    assert (row["unflagged"], row["flagged"]) == (None, 5)
