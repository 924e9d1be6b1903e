"""The references of a board are made of evaluations that were all measured alike."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from agents_fields import DIGEST

from posttrain_arena.cli.main import main
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.model.agent_evaluation import AgentEvaluation, EvaluatedReference
from posttrain_arena.model.agents_references import AgentsReferences, HiddenSplit, ReferenceKind
from posttrain_arena.model.documents import (
    REPOSITORY_ROOT,
    SCHEMA_DIR,
    from_document,
    read_document,
    write_document,
)

_SCHEMA = json.loads((SCHEMA_DIR / "agent-evaluation.schema.json").read_text(encoding="utf-8"))
RUN = from_document(AgentEvaluation, _SCHEMA["examples"][0], where="example")
SPLIT = HiddenSplit(version="1", digest=RUN.hidden.split_digest, seed=0)


def _evaluation(kind: ReferenceKind, score: float, **changes: Any) -> AgentEvaluation:
    model = "tiny" if kind == "base" else f"tiny-{kind}"
    hidden = dataclasses.replace(RUN.hidden, score=score)
    regression = dataclasses.replace(hidden, benchmark="tiny-regression", score=score / 2)
    reference = EvaluatedReference(kind=kind, model=model, base_model="tiny")
    found = dataclasses.replace(RUN, run=None, reference=reference, hidden=hidden, regression=(regression,))
    return dataclasses.replace(found, **changes)


def _written(folder: Path, *evaluations: AgentEvaluation) -> list[str]:
    paths = [folder / f"{number}.json" for number in range(len(evaluations))]
    for path, evaluation in zip(paths, evaluations, strict=True):
        write_document(path, evaluation)
    return [str(path) for path in paths]


def _added(folder: Path, *options: str) -> int:
    return main(["leaderboard", "add-references", *options, "--leaderboard", str(folder / "leaderboard")])


def test_one_evaluation_gives_the_scores_on_all_its_benchmarks(tmp_path: Path) -> None:
    files = _written(tmp_path, _evaluation("base", 0.1), _evaluation("instruct", 0.6), _evaluation("few-shot", 0.2))
    assert _added(tmp_path, *files, "--budget-sec", "120") == 0
    found = read_document(tmp_path / "leaderboard" / "agents" / "references.json", AgentsReferences)
    assert (found.budget_sec, found.base_models) == (120.0, {"tiny": RUN.base_model})
    assert found.splits == {"tiny-reasoning": SPLIT, "tiny-regression": SPLIT}
    assert [(one.kind, one.model, one.benchmark, one.score, one.items) for one in found.scores] == [
        ("base", "tiny", "tiny-reasoning", 0.1, 2),
        ("base", "tiny", "tiny-regression", 0.05, 2),
        ("instruct", "tiny-instruct", "tiny-reasoning", 0.6, 2),
        ("instruct", "tiny-instruct", "tiny-regression", 0.3, 2),
        ("few-shot", "tiny-few-shot", "tiny-reasoning", 0.2, 2),
        ("few-shot", "tiny-few-shot", "tiny-regression", 0.1, 2),
    ]
    digest = f"sha256:{hashlib.sha256(Path(files[1]).read_bytes()).hexdigest()}"
    assert {one.evaluation for one in found.scores if one.kind == "instruct"} == {digest}


def test_the_budget_is_that_of_the_rules(tmp_path: Path) -> None:
    assert _added(tmp_path, *_written(tmp_path, _evaluation("base", 0.1), _evaluation("instruct", 0.6))) == 0
    found = read_document(tmp_path / "leaderboard" / "agents" / "references.json", AgentsReferences)
    assert found.budget_sec == read_competition(REPOSITORY_ROOT / "competition.yaml").agent_runs.budget_sec


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (dataclasses.replace(RUN, hidden=RUN.hidden), "1.json: is of a run: name what `arena agents reference` wrote"),
        (_evaluation("instruct", 0.6, fallback="no number"), "1.json: the model was not evaluated: no number"),
        (_evaluation("instruct", 0.6, base_model=DIGEST), "1.json: the files of tiny: not those"),
        (_evaluation("instruct", 0.6, seed=1), "seed or judge of tiny-reasoning: not those"),
        (_evaluation("instruct", 0.6, regression=()), "tiny-regression"),
        (_evaluation("base", 0.1), "two base scores for tiny on tiny-reasoning: keep one"),
        (_evaluation("few-shot", 0.2), "instruct"),
    ],
)
def test_evaluations_that_make_no_references_are_refused(
    second: AgentEvaluation, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _added(tmp_path, *_written(tmp_path, _evaluation("base", 0.1), second)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "leaderboard").exists()


def test_references_that_are_there_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = _written(tmp_path, _evaluation("base", 0.1), _evaluation("instruct", 0.6))
    assert _added(tmp_path, *files) == 0
    capsys.readouterr()
    assert _added(tmp_path, *files, "--budget-sec", "5") == 2
    assert "references.json is there: remove it to write another" in capsys.readouterr().err
