"""A whole later version in a folder: what follows from it is computed and held against what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agents_grids import BASE, BENCHMARKS, MODELS, OFFICIAL, RUNS, Cells, write_grid
from published_versions import checked, weights_of, write_published

from posttrain_arena.cli.main import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_published(tmp_path / "v9")


def _why(told: dict, word: str) -> str:
    return " | ".join(f"{found['what']}: {found['why']}" for found in told["not_compared"] if word in found["what"])


def test_a_later_version_holds(folder: Path, capsys) -> None:
    code, told = checked(folder, capsys=capsys)
    assert (code, told["different"], told["not_read"]) == (0, [], [])
    counts = {(group["kind"], group["within"] <= 1e-9): group["count"] for group in told["compared"]}
    assert counts[("weights", True)] == 3
    assert counts[("baselines", True)] == 30
    assert counts[("final cells", True)] == 60
    assert counts[("reasons of the list", True)] == 5
    assert counts[("expected averages", True)] == 2
    assert counts[("expected averages", False)] == 2
    assert counts[("means over runs", True)] == counts[("SDs over runs", True)] == 15
    assert counts[("SDs over runs of averages", True)] == 2
    assert counts[("shares of the budget", False)] == 4
    assert counts[("times by agent, in s", False)] == 2
    assert counts[("cells of the site", False)] == 45
    assert counts[("± of the site", False)] == 3
    assert "aggregated_avg_Gone.csv: no file of the folder" in _why(told, "Gone")
    assert "runs are not in the folder" in _why(told, "SD of Quiet")


def test_a_word_that_nobody_knows_falls_back_with_the_word_as_its_reason(folder: Path, capsys) -> None:
    _, told = checked(folder, capsys=capsys)
    cells = {(cell["method"], cell["base_model"], cell["benchmark"]): cell for cell in told["fallbacks"]}
    cell = cells["coder_8h_run1", "Phi-9", "swe"]
    assert (cell["why"], cell["reason"], cell["raw"], cell["used"]) == ("timeout", "evaluation-failed", None, 0.3)
    assert told["final"]["coder_8h_run1"]["Phi-9"]["swe"] == 0.3
    assert main(["leaderboard", "grids", "--folder", str(folder)]) == 0
    said = capsys.readouterr().out
    assert ", 1 timeout" in said
    assert "numbers hold" in said


MISSING: dict[str, Cells] = {
    "a failed cell": {**OFFICIAL, "gemma-9-it": ("ERR", 0.2, 0.45)},
    "an empty cell": {**OFFICIAL, "gemma-9-it": (0.3, "", 0.45)},
    "a row less": {model: row for model, row in OFFICIAL.items() if model != "gemma-9-it"},
    "no gap": {model: (row[0], 0.01, row[2]) for model, row in OFFICIAL.items()},
}


@pytest.mark.parametrize("case", MISSING)
def test_weights_follow_from_what_the_instruct_models_have(case: str, tmp_path: Path, capsys) -> None:
    official = MISSING[case]
    code, told = checked(write_published(tmp_path / "v9", official), capsys=capsys)
    assert (code, told["different"]) == (0, [])
    assert [told["weights"][name] for name in BENCHMARKS] == pytest.approx(weights_of(official), abs=1e-12)
    assert told["notes"]
    (tmp_path / "v9/baselines_by_model.csv").unlink()
    assert checked(tmp_path / "v9", capsys=capsys)[1]["weights"] == told["weights"]


def test_weights_of_another_rule_are_given(tmp_path: Path, capsys) -> None:
    folder = write_published(tmp_path / "v9", weights=(0.5, 0.25, 0.25))
    code, told = checked(folder, capsys=capsys)
    assert code == 1
    assert {check["kind"] for check in told["different"]} >= {"weights", "expected averages", "averages by agent"}
    main(["leaderboard", "grids", "--folder", str(folder)])
    assert "factors.json is of another rule: give it with --weights" in capsys.readouterr().out
    code, told = checked(folder, "--weights", str(folder / "factors.json"), capsys=capsys)
    assert (code, told["different"]) == (0, [])
    assert "given with --weights" in _why(told, "weights")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"swe": 0.5, "medqa": 0.6}', "sum to 1.1"),
        ('{"swe": 0.5, "sew": 0.5}', "sew: no such benchmark"),
        ('{"swe": "half"}', "swe: 'half': write a number"),
        ('{"swe": NaN}', "swe: nan: write a number"),
        ("[0.5, 0.5]", 'write {"BENCHMARK": WEIGHT'),
        ('{"swe": 0.5', "no JSON"),
    ],
)
def test_weights_that_cannot_be_are_refused(text: str, message: str, folder: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "weights.json").write_text(text)
    assert main(["leaderboard", "grids", "--folder", str(folder), "--weights", str(tmp_path / "weights.json")]) == 2
    assert message in capsys.readouterr().err


def test_grids_without_a_folder_take_weights_too(folder: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "weights.json").write_text('{"swe": 1.0}')
    grid = write_grid(tmp_path / "run.csv", RUNS[0])
    options = ("--baselines", f"{folder}/baselines_by_model.csv", "--weights", str(tmp_path / "weights.json"))
    assert main(["leaderboard", "grids", *options, f"coder={grid}", "--format", "json"]) == 0
    board = json.loads(capsys.readouterr().out)
    assert board["agents"][0]["average"] == pytest.approx(sum(row[1] for row in RUNS[0].values()) / 5, abs=1e-12)


OPTIONAL = {
    "factors.json": "no factors.json",
    "fallback_cells.csv": "no fallback_cells.csv",
    "expected_aggregates.csv": "no expected_aggregates.csv",
    "single_metrics_aggregated.csv": "no single_metrics_aggregated.csv",
    "time_aggregated.csv": "no time_aggregated.csv",
    "aggregated_time_overview.csv": "no aggregated_time_overview.csv",
    "site_scores.json": "no site_scores.json",
    "final_other-solo-1_8h.csv": "no final grid",
    "aggregated_other-solo-1_8h.csv": "no raw grid",
    "aggregated_avg_Quiet.csv": "no file of the folder",
    "aggregated_std_Quiet.csv": "no grid of its SDs, and no runs",
    "aggregated_baseline.csv": "no file of the folder",
}


@pytest.mark.parametrize("file", OPTIONAL)
def test_what_a_missing_file_leaves_uncompared_is_said(file: str, folder: Path, capsys) -> None:
    (folder / file).unlink()
    code, told = checked(folder, capsys=capsys)
    assert (code, told["different"]) == (0, [])
    assert OPTIONAL[file] in " | ".join(found["why"] for found in told["not_compared"])


SITE = "site_scores.json"
CHANGES = [
    ("weights", "factors.json", "0.", "0.00001"),
    ("final cells", "final_coder_8h_run1.csv", "0.5,", "0.500001,"),
    ("means over runs", "aggregated_avg_Coder.csv", "0.", "0.0001"),
    ("SDs over runs", "aggregated_std_Coder.csv", "0.", "0.0001"),
    ("± of the site", "aggregated_std_Quiet.csv", "0.01", "0.02"),
    ("averages by agent", "single_metrics_aggregated.csv", "Quiet,0.", "Quiet,0.00001"),
    ("SDs over runs of averages", "single_metrics_aggregated.csv", ",3\nQuiet", "e-1,3\nQuiet"),
    ("numbers of runs", "single_metrics_aggregated.csv", ",3\nQuiet", ",2\nQuiet"),
    ("expected averages", "expected_aggregates.csv", "three,0.", "three,0.00001"),
    ("baselines", "aggregated_baseline.csv", "0.125", "0.126"),
    ("baselines", "baselines_by_model.csv", "0.9,0.7", "ERR,0.7"),
    ("shares of the budget", "aggregated_time_overview.csv", "2:00:00", "2:10:00"),
    ("times by agent, in s", "time_aggregated.csv", "Coder,2:", "Coder,3:"),
    ("weights of the site", SITE, '"benchmarkWeights": {"browsecomp": 0.', '"benchmarkWeights": {"browsecomp": 0.0'),
    ("cells of the site", SITE, '"browsecomp": {"value": ', '"browsecomp": {"value": 1'),
    ("averages of the site", SITE, '"avg": ', '"avg": 1'),
    ("SDs of the site", SITE, '"std": ', '"std": 1'),
    ("SDs of cells of the site", SITE, '{"Llama-9-1B": {"browsecomp": 1', '{"Llama-9-1B": {"browsecomp": 2'),
    ("hours of the site", SITE, '"hours": 0', '"hours": 1'),
]


@pytest.mark.parametrize(("kind", "file", "old", "new"), CHANGES, ids=[case[0] for case in CHANGES])
def test_a_published_number_that_does_not_follow_is_named(
    kind: str, file: str, old: str, new: str, folder: Path, capsys
) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    code, told = checked(folder, capsys=capsys)
    assert code == 1
    assert kind in {check["kind"] for check in told["different"]}
    assert main(["leaderboard", "grids", "--folder", str(folder)]) == 1
    assert f"differs: {kind}: " in capsys.readouterr().out


LIST = {
    "a cell that is not listed": ("coder_8h_run1,Phi-9,swe,timeout,0.3,timeout\r\n", "", "cells that fall back"),
    "another reason": ("0.41,model not submitted", "0.41,evaluation error", "reasons of the list"),
    "another raw cell": ("swe,timeout,", "swe,ERR,", "raw cells of the list"),
    "another final cell": (",0.41,model", ",0.42,model", "final cells of the list"),
    "a cell that counts": ("coder_8h_run1,Phi-9,swe", "coder_8h_run1,gemma-9-pt,swe", "cells that fall back"),
}


@pytest.mark.parametrize("case", LIST)
def test_a_list_that_the_grids_contradict_is_named(case: str, folder: Path, capsys) -> None:
    old, new, kind = LIST[case]
    text = (folder / "fallback_cells.csv").read_bytes().decode()
    assert old in text
    (folder / "fallback_cells.csv").write_bytes(text.replace(old, new, 1).encode())
    code, told = checked(folder, capsys=capsys)
    assert code == 1
    assert kind in {check["kind"] for check in told["different"]}


def test_a_reason_that_is_not_known_is_said_and_not_taken_for_the_same(folder: Path, capsys) -> None:
    path = folder / "fallback_cells.csv"
    path.write_text(path.read_text().replace("0.3,timeout", "0.3,power cut"))
    code, told = checked(folder, capsys=capsys)
    assert code == 0
    assert "power cut: a reason that is not known here" in _why(told, "coder_8h_run1: Phi-9 on swe")


def test_runs_are_named_on_the_command_line_or_by_their_number(folder: Path, capsys) -> None:
    (folder / "expected_aggregates.csv").unlink()
    _, told = checked(folder, capsys=capsys)
    runs = {row["agent"]: row["methods"] for row in told["agents"]}
    assert runs["coder_8h"] == ["coder_8h_run1", "coder_8h_run2"]
    named = [f"Coder=final_coder_8h_{run}.csv" for run in ("run1", "run2", "v3")]
    code, told = checked(folder, *named, capsys=capsys)
    assert (code, told["different"]) == (0, [])
    assert {"SDs over runs", "times by agent, in s"} <= {group["kind"] for group in told["compared"]}
    assert main(["leaderboard", "grids", "--folder", str(folder), "Coder=final_coder_9h.csv"]) == 2
    assert "final_coder_9h.csv: no raw or final grid" in capsys.readouterr().err


def test_an_extra_benchmark_and_an_extra_agent_count(folder: Path, capsys) -> None:
    for file in ("factors.json", "site_scores.json", "expected_aggregates.csv", "single_metrics_aggregated.csv"):
        (folder / file).unlink()
    for file in ("baselines_by_model.csv", "aggregated_baseline.csv"):
        lines = (folder / file).read_text().splitlines()
        extra = dict.fromkeys(BASE, "0.1") | dict.fromkeys(OFFICIAL, "0.6")
        rows = [f"{line},{extra[line.partition(',')[0]]}" for line in lines[1:]]
        (folder / file).write_text("\n".join([f"{lines[0]},chess", *rows]))
    rows = [f"{model},0.5,{cell}" for model, cell in zip(MODELS, ("0.2", "0.2", "0.2", "0.2", "timeout"), strict=True)]
    (folder / "aggregated_new_8h.csv").write_text("\n".join(["model,swe,chess", *rows]))
    code, told = checked(folder, capsys=capsys)
    assert code == 1
    assert [(check["ours"], check["published"]) for check in told["different"]] == [("timeout", "not listed")]
    with (folder / "fallback_cells.csv").open("a") as listed:
        listed.write("new_8h,Phi-9,chess,timeout,0.1,evaluation timeout\n")
    code, told = checked(folder, capsys=capsys)
    assert (code, told["different"]) == (0, [])
    assert told["weights"]["chess"] > 0
    new = next(row for row in told["agents"] if row["agent"] == "new_8h")
    assert new["benchmarks"]["chess"] == pytest.approx((0.2 * 4 + 0.1) / 5, abs=1e-12)
    assert sum(cell["method"] == "new_8h" for cell in told["fallbacks"]) == 11


def test_a_grid_of_sds_is_no_grid_of_scores(folder: Path, capsys) -> None:
    for options in (("--baselines", f"{folder}/baselines_by_model.csv"), ("--folder", str(folder))):
        assert main(["leaderboard", "grids", *options, f"quiet={folder}/aggregated_std_Quiet.csv"]) == 2
        assert "that grid has SDs, no scores" in capsys.readouterr().err


BROKEN = {
    "no folder": (None, "", "no such folder"),
    "no baselines": ("baselines_by_model.csv", None, "no baselines_by_model.csv and no aggregated_baseline.csv"),
    "no instruct model": (
        "baselines_by_model.csv",
        "model,kind,swe\n" + "".join(f"{model},base_zeroshot,0.1\n" for model in MODELS),
        "swe: no instruct model has a score",
    ),
    "a number that is none": ("final_coder_8h_run1.csv", "model,swe\nPhi-9,12%\n", "final_coder_8h_run1.csv:2: swe"),
    "a time that is none": ("aggregated_time_overview.csv", "method,average_time\na,90\n", "_overview.csv:2"),
    "a site that is none": ("site_scores.json", "{", "site_scores.json:1: no JSON"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_read_is_refused_by_place(case: str, folder: Path, capsys) -> None:
    file, text, message = BROKEN[case]
    if file is None:
        folder = folder / "none"
    elif text is None:
        (folder / file).unlink()
        (folder / "aggregated_baseline.csv").unlink()
    else:
        (folder / file).write_text(text)
        if file == "baselines_by_model.csv":
            for path in [*folder.glob("final_*"), *folder.glob("aggregated_*")]:
                path.unlink()
    assert main(["leaderboard", "grids", "--folder", str(folder)]) == 2
    assert message in capsys.readouterr().err
