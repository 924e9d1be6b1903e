"""A model that does not answer is no fault of the machine: the base model stands in, and the evaluation says why."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from agent_scripts import RunScript
from safetensors.torch import load_file, save_file

from posttrain_arena.adapters.agents.bench import Machine
from posttrain_arena.adapters.agents.evaluate import Asked, Subject, evaluate_model
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation

pytestmark = pytest.mark.docker

RUN = "sha256:" + "0" * 64


@pytest.fixture(scope="module")
def evaluated(engine: DockerEngine, small_base: Path) -> Callable[[Path | None, str | None], AgentEvaluation]:
    """Give a way to evaluate a model, of a run or as a reference."""
    machine = Machine(cpus=1.0, memory_mb=2048, storage_mb=64)
    asked = Asked(benchmark="tiny-regression", regression=(), secret=b"a secret of tests", seed=0, machine=machine)

    def given(model: Path | None, run: str | None) -> AgentEvaluation:
        return evaluate_model(Subject(base=small_base, model=model, run=run, own_template=True), asked, engine)

    return given


@pytest.fixture(scope="module")
def base(evaluated: Callable[..., AgentEvaluation]) -> AgentEvaluation:
    """The base model's own evaluation."""
    return evaluated(None, None)


@pytest.fixture
def spoilt(small_base: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Give a way to spoil a copy of the base model."""

    def made(how: str) -> Path:
        model = shutil.copytree(small_base, tmp_path / how)
        if how == "template":
            (model / "chat_template.jinja").write_text("{{ raise_exception('no') }}")
        else:
            weights = load_file(model / "model.safetensors")
            save_file({name: one * torch.nan for name, one in weights.items()}, model / "model.safetensors")
        return model

    return made


@pytest.mark.parametrize("how", ["template", "numbers"])
def test_a_model_that_does_not_answer_falls_back_on_the_base_model(
    how: str, base: AgentEvaluation, evaluated: Callable[..., AgentEvaluation], spoilt: Callable[[str], Path]
) -> None:
    result = evaluated(spoilt(how), RUN)
    assert result.reason == "evaluation-failed"
    assert how in result.fallback
    assert (result.model, result.hidden, result.chat_template) == (base.model, base.hidden, "base")
    assert (base.reason, base.fallback) == (None, "")


def test_a_reference_that_does_not_answer_has_no_evaluation(
    evaluated: Callable[..., AgentEvaluation], spoilt: Callable[[str], Path]
) -> None:
    with pytest.raises(UsageError, match="60 of 60 answers"):
        evaluated(spoilt("numbers"), None)


def test_agents_can_score_a_model_and_are_told_what_it_does_not_answer(run_script: RunScript) -> None:
    run = run_script(
        "scoring",
        "score /arena/base_model --items 2 || exit 1\n"
        "mkdir broken && cp /arena/base_model/model.safetensors broken\n"
        "echo '{{ 1 // 0 }}' >broken/chat_template.jinja\n"
        "score broken --items 3",
        seconds=600.0,
    )
    folder = run_script.folders[run.id]
    assert run.exit.reason == "finished", (folder / "trace.log").read_text()
    calls = [json.loads(line) for line in (folder / "scoring.jsonl").read_text().splitlines()]
    assert [(call["kind"], call["items"]) for call in calls] == [("completions", 2), ("completions", 3)]
    assert "3 of 3 answers are lost: template" in (folder / "trace.log").read_text()
