"""The starting kit's agents, end to end on the embedded default: run, reference, evaluation, comparison."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from posttrain_arena.cli.main import main
from posttrain_arena.model.agent_evaluation import AgentEvaluation, EvaluatedReference
from posttrain_arena.model.agent_run import AgentRun
from posttrain_arena.model.agents_board import AgentsBoard
from posttrain_arena.model.documents import REPOSITORY_ROOT, read_document

pytestmark = [pytest.mark.docker, pytest.mark.training]

KIT = REPOSITORY_ROOT / "starting-kit" / "agents"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the organisers' secret and the base model's own evaluation."""
    folder = tmp_path_factory.mktemp("agents")
    (folder / "secret").write_bytes(b"the organisers' secret of these tests")
    assert main(["agents", "reference", "--secret", str(folder / "secret"), "--out", str(folder / "base.json")]) == 0
    return folder


def _ran(place: Path, name: str, *options: str) -> tuple[AgentRun, AgentEvaluation]:
    out = place / name
    assert main(["agents", "run", str(KIT / name), "--out", str(out), *options]) == 0
    told = ["--secret", str(place / "secret"), "--against", str(place / "base.json")]
    assert main(["agents", "evaluate", str(out), *told]) == 0
    return read_document(out / "run.json", AgentRun), read_document(out / "evaluation.json", AgentEvaluation)


def test_noop_scores_exactly_what_the_base_model_scores(place: Path) -> None:
    run, evaluation = _ran(place, "noop", "--budget-sec", "30")
    base = read_document(place / "base.json", AgentEvaluation)
    assert (run.exit.reason, run.counts) == ("finished", base.model)
    assert (evaluation.hidden, evaluation.regression) == (base.hidden, base.regression)
    assert evaluation.fallback == ""
    assert (evaluation.reference, base.reference) == (
        None,
        EvaluatedReference(kind="base", model="tiny", base_model="tiny"),
    )


def test_scripted_sft_improves_and_its_interval_clears_zero(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, evaluation = _ran(place, "scripted-sft")
    base = read_document(place / "base.json", AgentEvaluation)
    assert run.counts == evaluation.model != base.model
    assert run.exit.reason in ("finished", "budget")
    assert evaluation.hidden.score > base.hidden.score
    low = re.search(r"95% interval \[([+-][0-9.]+),", capsys.readouterr().out)
    assert low is not None
    assert float(low[1]) > 0.0


def test_a_run_comes_to_the_board_beside_references_of_its_budget_alone(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, leaderboard = ["--secret", str(place / "secret")], ["--leaderboard", str(place / "leaderboard")]
    trained = place / "scripted-sft" / "final_model"
    named = {"tiny": [], "tiny-trained": ["--model", str(trained), "--model-name", "tiny-trained"]}
    files = [str(place / f"{name}.json") for name in named]
    for file, options in zip(files, named.values(), strict=True):
        assert main(["agents", "reference", *secret, *options, "--regression", "", "--out", file]) == 0
    assert main(["leaderboard", "add-references", *files, "--budget-sec", "120", *leaderboard]) == 0
    for name in ("scripted-sft", "noop"):
        assert main(["audit", str(place / name), *secret, "--agent", str(KIT / name)]) == 0
    assert main(["leaderboard", "add-agent", str(place / "scripted-sft"), *leaderboard]) == 0
    capsys.readouterr()
    assert main(["leaderboard", "add-agent", str(place / "noop"), *leaderboard]) == 2
    assert "budget_sec: 30.0, in the references 120.0" in capsys.readouterr().err
    assert main(["leaderboard", "build", *leaderboard]) == 0
    board = read_document(place / "leaderboard" / "agents.json", AgentsBoard)
    base = read_document(place / "base.json", AgentEvaluation)
    assert board.base_digests == {"tiny": base.model}
    assert board.splits["tiny-reasoning"].digest == base.hidden.split_digest
    instruct, zero_shot = board.references
    assert board.agents[0].average == instruct.average > zero_shot.average == base.hidden.score
    assert main(["leaderboard", "verify", *leaderboard]) == 0


def test_the_base_model_is_measured_behind_examples(place: Path) -> None:
    learned = place / "scripted-sft" / "final_model"  # the tiny model itself may say one thing whatever it reads
    told = ["--secret", str(place / "secret"), "--base", str(learned), "--base-name", "learned"]
    told += ["--benchmark", "tiny-reasoning", "--regression", ""]
    files = [place / f"{shots}-shot.json" for shots in (0, 2)]
    for shots, file in zip(("0", "2"), files, strict=True):
        assert main(["agents", "reference", "--shots", shots, "--out", str(file), *told]) == 0
    zero, few = (read_document(file, AgentEvaluation) for file in files)
    assert few.reference == EvaluatedReference(kind="few-shot", model="learned", base_model="learned", shots=2)
    assert few.hidden.split_digest == zero.hidden.split_digest
    said = [[item.completions for item in one.hidden.items] for one in (zero, few)]
    assert said[0] != said[1], "what stands before the question is read"


def test_a_run_without_a_model_falls_back_on_the_base_model(place: Path) -> None:
    agent = place / "idle"
    agent.mkdir()
    (agent / "agent.yaml").write_text("name: idle\ndescription: Does nothing.\n")
    (agent / "solve.sh").write_text("#!/bin/bash\ntrue\n")
    out = place / "idle-run"
    assert main(["agents", "run", str(agent), "--out", str(out), "--budget-sec", "20"]) == 0
    assert (
        main(["agents", "evaluate", str(out), "--secret", str(place / "secret"), "--regression", "tiny-regression"])
        == 0
    )
    evaluation = read_document(out / "evaluation.json", AgentEvaluation)
    base = read_document(place / "base.json", AgentEvaluation)
    assert evaluation.fallback
    assert evaluation.reason == "model-not-submitted"
    assert evaluation.hidden == base.hidden


def test_a_reference_with_a_chat_template_is_told_to_answer_by_its_own(place: Path, small_base: Path) -> None:
    assert read_document(place / "base.json", AgentEvaluation).chat_template == "base"
    assert (small_base / "chat_template.jinja").is_file()
    models = ["--base", str(small_base), "--model", str(small_base), "--benchmark", "tiny-reasoning"]
    told = ["--secret", str(place / "secret"), "--regression", "", "--out", str(place / "instruct.json")]
    assert main(["agents", "reference", *models, *told]) == 0
    assert read_document(place / "instruct.json", AgentEvaluation).chat_template == "own"


def test_a_model_that_was_changed_after_the_run_is_not_evaluated(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = place / "changed"
    assert main(["agents", "run", str(KIT / "noop"), "--out", str(out), "--budget-sec", "20"]) == 0
    with (out / "final_model" / "model.safetensors").open("r+b") as file:
        file.seek(500_000)
        file.write(b"X")
    assert main(["agents", "evaluate", str(out), "--secret", str(place / "secret")]) == 2
    assert "not those that the run copied" in capsys.readouterr().err


def test_a_folder_with_a_run_is_not_overwritten(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agents", "run", str(KIT / "noop"), "--out", str(place / "noop"), "--budget-sec", "20"]) == 2
    assert "holds a run already" in capsys.readouterr().err
