"""Results are made of documents that belong together, and say why a score does not count."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import TypeVar

import pytest
from agents_fields import REFERENCES

from posttrain_arena.cli.main import main
from posttrain_arena.core.agents_board.consistency import result_faults
from posttrain_arena.core.agents_board.results import Audited, result_of
from posttrain_arena.core.benchmarks.results import mean_with_error
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.agent_run import AgentExit, AgentRun
from posttrain_arena.model.agents_references import HiddenSplit
from posttrain_arena.model.agents_result import AgentsResult
from posttrain_arena.model.audit import Audit, DetectorReport, JudgeReport
from posttrain_arena.model.documents import (
    SCHEMA_DIR,
    Document,
    from_document,
    read_document,
    said_digest,
    write_document,
)

D = TypeVar("D", bound=Document)
RUN_DIGEST, EVALUATION_DIGEST, AUDIT_DIGEST = (f"sha256:{letter * 64}" for letter in "abc")


def _example(cls: type[D]) -> D:
    schema = json.loads((SCHEMA_DIR / f"{cls.SCHEMA}.schema.json").read_text(encoding="utf-8"))
    return from_document(cls, schema["examples"][0], where=cls.SCHEMA)


RUN = _example(AgentRun)
EVALUATION = dataclasses.replace(_example(AgentEvaluation), run=RUN_DIGEST, fallback="")
FLAGGED = dataclasses.replace(
    _example(Audit),
    run_digest=RUN_DIGEST,
    evaluation_digest=EVALUATION_DIGEST,
    judge=JudgeReport(status="nothing-seen", model="m"),
)
PASSED = dataclasses.replace(
    FLAGGED,
    verdict="not-flagged",
    not_judged=("answer-key",),
    detectors=tuple(
        DetectorReport(id=name, what="w", error_rate="e", status=status)
        for name, status in (("answer-key", "not-judged"), ("scorer-attack", "not-flagged"))
    ),
)


def _audited(**changes: object) -> Audited:
    digests = {"run": RUN_DIGEST, "evaluation": EVALUATION_DIGEST, "audit": AUDIT_DIGEST}
    known: dict[str, object] = {"run": RUN, "evaluation": EVALUATION, "audit": PASSED, "digests": digests}
    return Audited(**{**known, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"audit": FLAGGED},
        {"run": dataclasses.replace(RUN, counts=None, snapshots=())},
        {"evaluation": dataclasses.replace(EVALUATION, reason="model-not-submitted", fallback="no valid model")},
        {"evaluation": dataclasses.replace(EVALUATION, reason="evaluation-failed", fallback="the model gave nothing")},
        {
            "evaluation": None,
            "audit": dataclasses.replace(PASSED, evaluation_digest=None),
            "digests": {"run": RUN_DIGEST, "audit": AUDIT_DIGEST},
        },
    ],
)
def test_what_is_published_agrees_with_itself(changes: dict[str, object]) -> None:
    result = result_of(_audited(**changes), 1)
    assert result_faults(result, mean_with_error) == []
    assert result.id == f"{RUN.id}-{'a' * 12}"


def test_own_score_counts_with_its_error_and_items() -> None:
    result = result_of(_audited(), 2)
    assert (result.raw, result.standard_error) == (EVALUATION.hidden.score, EVALUATION.hidden.standard_error)
    assert (result.reason, result.attempt, len(result.scores)) == (None, 2, len(EVALUATION.hidden.items))
    assert (result.audit.not_judged, result.audit.judge) == (("answer-key",), "nothing-seen")


def test_what_a_run_was_measured_with_is_published() -> None:
    own = dataclasses.replace(EVALUATION, chat_template="own", seed=3)
    result = result_of(_audited(evaluation=own), 1)
    assert (result.base_digest, result.budget_sec) == (RUN.base_model.digest, RUN.budget_sec)
    assert result.split == HiddenSplit(version="1", digest=EVALUATION.hidden.split_digest, seed=3)
    assert result.chat_template == "own"


def test_a_published_run_without_a_model_was_measured_by_the_base_template() -> None:
    run = dataclasses.replace(RUN, counts=None, snapshots=(), own_chat_template=True)
    fallback = dataclasses.replace(EVALUATION, reason="model-not-submitted", fallback="the run left no valid model")
    assert result_of(_audited(run=run, evaluation=fallback), 1).chat_template == "base"


def test_flag_counts_whatever_a_judge_said() -> None:
    result = result_of(_audited(audit=FLAGGED), 1)
    assert (result.reason, result.why) == ("audit-flagged", "forbidden-endpoint")
    assert result.raw == EVALUATION.hidden.score
    assert result.audit.flags[0].where == "api.openai.com"


def test_run_without_a_model_was_not_submitted() -> None:
    run = dataclasses.replace(RUN, counts=None, snapshots=())
    result = result_of(_audited(run=run), 1)
    assert (result.reason, result.why) == ("model-not-submitted", "the run ended (finished) without a model")


def test_a_model_that_did_not_answer_counts_as_the_base_and_says_why() -> None:
    failed = dataclasses.replace(EVALUATION, reason="evaluation-failed", fallback="the model gave nothing")
    result = result_of(_audited(evaluation=failed), 1)
    assert (result.reason, result.why, result.raw) == ("evaluation-failed", "the model gave nothing", None)


def test_run_without_an_evaluation_failed() -> None:
    audit = dataclasses.replace(PASSED, evaluation_digest=None)
    result = result_of(_audited(evaluation=None, audit=audit, digests={"run": RUN_DIGEST, "audit": AUDIT_DIGEST}), 1)
    assert (result.reason, result.raw, result.scores) == ("evaluation-failed", None, ())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"audit": dataclasses.replace(PASSED, run_digest=EVALUATION_DIGEST)}, "audit is of other documents"),
        ({"audit": dataclasses.replace(PASSED, evaluation_digest=None)}, "audit is of other documents"),
        ({"evaluation": dataclasses.replace(EVALUATION, run=EVALUATION_DIGEST)}, "evaluation is of another run"),
        (
            {"evaluation": dataclasses.replace(EVALUATION, base_model=EVALUATION_DIGEST)},
            "evaluation is of another base model",
        ),
        (
            {
                "evaluation": dataclasses.replace(
                    EVALUATION, hidden=dataclasses.replace(EVALUATION.hidden, benchmark="x")
                )
            },
            "evaluation is of another benchmark",
        ),
        (
            {"evaluation": dataclasses.replace(EVALUATION, hidden=dataclasses.replace(EVALUATION.hidden, version="2"))},
            "evaluation is of another version",
        ),
        ({"run": dataclasses.replace(RUN, exit=AgentExit(reason="infrastructure", status=None))}, "nobody's score"),
    ],
)
def test_documents_that_do_not_belong_together_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        result_of(_audited(**changes), 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The documents of one run as they lie on disk, one naming the bytes of the other."""
    write_document(tmp_path / "run.json", RUN)
    write_document(tmp_path / "evaluation.json", dataclasses.replace(EVALUATION, run=_digest(tmp_path / "run.json")))
    digests = {f"{name}_digest": _digest(tmp_path / f"{name}.json") for name in ("run", "evaluation")}
    write_document(tmp_path / "audit.json", dataclasses.replace(FLAGGED, **digests))
    return tmp_path


def _digest(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_a_run_is_published_with_the_digests_of_its_documents_and_verified(folder: Path, capsys) -> None:
    leaderboard = folder / "leaderboard"
    options = ["--leaderboard", str(leaderboard)]
    assert main(["leaderboard", "add-agent", str(folder), *options]) == 0
    (path,) = (leaderboard / "agents" / "runs").iterdir()
    result = read_document(path, AgentsResult)
    assert result.sources == {name: _digest(folder / f"{name}.json") for name in ("run", "evaluation", "audit")}
    assert (result.digest, path.stem) == (said_digest(result), f"{RUN.id}-{result.sources['run'][7:19]}")
    assert main(["leaderboard", "verify", *options]) == 0
    assert "verified 1 run(s) of agents" in capsys.readouterr().out
    assert main(["leaderboard", "add-agent", str(folder), *options]) == 2
    assert "never overwritten" in capsys.readouterr().err


def test_a_run_that_the_references_cannot_be_compared_with_is_not_published(folder: Path, capsys) -> None:
    leaderboard = folder / "leaderboard"
    write_document(leaderboard / "agents" / "references.json", REFERENCES)
    assert main(["leaderboard", "add-agent", str(folder), "--leaderboard", str(leaderboard)]) == 2
    assert "the references have no digest of tiny to hold a run against" in capsys.readouterr().err
    assert not (leaderboard / "agents" / "runs").exists()


def test_documents_that_contradict_each_other_are_not_published(folder: Path, capsys) -> None:
    audit = read_document(folder / "audit.json", Audit)
    write_document(folder / "audit.json", dataclasses.replace(audit, verdict="not-flagged"))
    assert main(["leaderboard", "add-agent", str(folder), "--leaderboard", str(folder / "leaderboard")]) == 2
    assert "audit/verdict: says not-flagged, with 1 pieces of evidence" in capsys.readouterr().err
    assert not (folder / "leaderboard").exists()
