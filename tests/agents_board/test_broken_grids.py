"""Grids, flags and references that say what cannot be are refused by file, line and name."""

from __future__ import annotations

from pathlib import Path

import pytest
from agents_grids import MODELS, refused, write_version

from posttrain_arena.cli.main import main


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write_version(tmp_path)
    return tmp_path


FLAGS = {
    "another agent": ("agent,base_model,benchmark\ncodre,Phi-9,swe\n", "no grid is given for codre"),
    "another model": (
        "agent,base_model,benchmark\ncoder,Phi-8,swe\n",
        "flags.csv:2: coder: Phi-8 on swe: no such cell",
    ),
    "another benchmark": ("agent,base_model,benchmark\ncoder,Phi-9,sew\n", "coder: Phi-9 on sew: no such cell"),
    "twice": ("agent,base_model,benchmark\ncoder,Phi-9,swe\ncoder,Phi-9,swe\n", "flags.csv:3: coder: Phi-9 on swe"),
    "no agent": ("base_model,benchmark\nPhi-9,swe\n", "needs one of the columns agent, method"),
    "agent and method": ("agent,method,base_model,benchmark\na,a,Phi-9,swe\n", "needs one of the columns"),
    "no benchmark": ("agent,base_model\ncoder,Phi-9\n", "column benchmark"),
    "an unknown column": ("agent,base_model,benchmark,cleared\ncoder,Phi-9,swe,yes\n", "cleared: unknown columns"),
    "an unknown reason": ("agent,base_model,benchmark,reason\ncoder,Phi-9,swe,fine\n", "flags.csv:2: reason 'fine'"),
    "a score beside a reason": (
        "agent,base_model,benchmark,reason\ncoder,Phi-9,swe,model not submitted\n",
        "swe: 0.4, and the list of fallbacks says model-not-submitted",
    ),
}


@pytest.mark.parametrize("case", FLAGS)
def test_flags_that_match_nothing_are_refused_by_name(case: str, files: Path, capsys) -> None:
    text, message = FLAGS[case]
    (files / "flags.csv").write_text(text)
    options = ("--flagged", f"{files}/flags.csv", f"coder={files}/final_coder_run1.csv")
    assert message in refused(files, *options, capsys=capsys)


GRIDS = {
    "too much": ("model,swe\nPhi-9,1.5\n", "run.csv:2: swe: '1.5': write a fraction"),
    "less than nothing": ("model,swe\nPhi-9,-0.1\n", "run.csv:2: swe: '-0.1': write a fraction"),
    "percent": ("model,swe\nPhi-9,12%\n", "run.csv:2: swe: '12%': write a fraction"),
    "endless": ("model,swe\nPhi-9,inf\n", "run.csv:2: swe: 'inf': write a fraction"),
    "a number with marks": ("model,swe\n\nPhi-9,~0.5\n", "run.csv:3: swe: '~0.5': write a fraction"),
    "another benchmark": ("model,aime\nPhi-9,0.5\n", "aime: no base score"),
    "another model": ("model,swe\nPhi-9,0.5\nPhi-8,0.5\n", "run.csv:3: Phi-8: no such base model"),
    "a model twice": ("model,swe\nPhi-9,0.5\nPhi-9,0.6\n", "run.csv:3: Phi-9: is there twice"),
    "a benchmark twice": ("model,swe,swe\nPhi-9,0.5,0.6\n", "two columns are named 'swe'"),
    "a column without a name": ("model,swe,\nPhi-9,0.5,0.6\n", "column 3 has no name"),
    "a short row": ("model,swe,medqa\nPhi-9,0.5\n", "run.csv:2: 2 cells, and the first line names 3 columns"),
    "no column of models": ("name,swe\nPhi-9,0.5\n", "column model"),
    "no row": ("model,swe\n", "no row"),
    "nothing": ("", "column model"),
    "no CSV": ('model,swe\n"Phi-9,0.5\n', "no CSV"),
}


@pytest.mark.parametrize("case", GRIDS)
def test_broken_grids_are_refused_by_place(case: str, files: Path, capsys) -> None:
    text, message = GRIDS[case]
    (files / "run.csv").write_text(text)
    told = refused(files, "--base-models", ",".join(MODELS), f"coder={files}/run.csv", capsys=capsys)
    assert message in told


def test_a_run_that_is_given_twice_is_refused(files: Path, capsys) -> None:
    grid = f"coder={files}/final_coder_run1.csv"
    assert "is there twice" in refused(files, grid, grid, capsys=capsys)


def test_wrong_names_of_base_models_are_refused(files: Path, capsys) -> None:
    named = ",".join(MODELS[:-1])
    assert "Phi-8: no such base model" in refused(files, "--base-models", f"{named},Phi-9,Phi-8", capsys=capsys)
    assert "--base-models" in refused(files, "--base-models", named, capsys=capsys)


BASELINES = {
    "an unknown kind": ("model,kind,swe\na,zero,0.1\n", "base.csv:2: kind 'zero': write one of"),
    "a base score that is missing": (
        "model,kind,swe\na,base_zeroshot,-\nb,official_instruct,0.5\n",
        "base score of a on swe is missing",
    ),
    "a base score of words": (
        "model,kind,swe\na,base_zeroshot,low\nb,official_instruct,0.5\n",
        "base score of a on swe is missing",
    ),
    "a model twice": ("model,kind,swe\na,base_zeroshot,0.1\na,base_zeroshot,0.2\n", "base.csv:3: a is there twice"),
    "no instruct model": ("model,kind,swe\na,base_zeroshot,0.1\n", "swe: no instruct model has a score"),
    "no base model": ("model,kind,swe\na,official_instruct,0.1\n", "base models: none"),
    "no gap": ("model,kind,swe\na,base_zeroshot,0.5\nb,official_instruct,0.5\n", "no benchmark weighs"),
}


@pytest.mark.parametrize("case", BASELINES)
def test_broken_baselines_are_refused_by_place(case: str, files: Path, capsys) -> None:
    text, message = BASELINES[case]
    (files / "base.csv").write_text(text)
    assert main(["leaderboard", "grids", "--baselines", str(files / "base.csv")]) == 2
    assert message in capsys.readouterr().err


FEW_SHOT = {
    "another model": ("model,swe\nPhi-8,0.5\n", "few.csv:2: Phi-8: no such base model"),
    "another benchmark": ("model,aime\nPhi-9,0.5\n", "aime: no such benchmark"),
    "another kind": ("model,kind,swe\nPhi-9,base_zeroshot,0.5\n", "only base_fewshot belongs here"),
    "a model twice": ("model,swe\nPhi-9,0.5\nPhi-9,0.5\n", "few.csv:3: Phi-9 is there twice"),
}


@pytest.mark.parametrize("case", FEW_SHOT)
def test_broken_few_shot_scores_are_refused_by_place(case: str, files: Path, capsys) -> None:
    text, message = FEW_SHOT[case]
    (files / "few.csv").write_text(text)
    options = ("--base-models", ",".join(MODELS), "--few-shot", f"{files}/few.csv")
    assert message in refused(files, *options, capsys=capsys)
