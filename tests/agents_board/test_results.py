"""Results are made of documents that belong together, and say why a score does not count."""

from __future__ import annotations

import dataclasses
import json
from typing import TypeVar

import pytest

from posttrain_arena.core.agents_board.results import Audited, result_of
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.agent_run import AgentExit, AgentRun
from posttrain_arena.model.audit import Audit, DetectorReport, JudgeReport
from posttrain_arena.model.documents import SCHEMA_DIR, Document, from_document

D = TypeVar("D", bound=Document)
RUN_DIGEST, EVALUATION_DIGEST = (f"sha256:{letter * 64}" for letter in "ab")


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
    digests = {"run": RUN_DIGEST, "evaluation": EVALUATION_DIGEST}
    known: dict[str, object] = {"run": RUN, "evaluation": EVALUATION, "audit": PASSED, "digests": digests}
    return Audited(**{**known, **changes})


def test_own_score_counts_with_its_error_and_items() -> None:
    result = result_of(_audited(), 2)
    assert (result.raw, result.standard_error) == (EVALUATION.hidden.score, EVALUATION.hidden.standard_error)
    assert (result.reason, result.attempt, len(result.scores)) == (None, 2, len(EVALUATION.hidden.items))
    assert (result.audit.not_judged, result.audit.judge) == (("answer-key",), "nothing-seen")


def test_flag_counts_whatever_a_judge_said() -> None:
    result = result_of(_audited(audit=FLAGGED), 1)
    assert (result.reason, result.why) == ("audit-flagged", "forbidden-endpoint")
    assert result.raw == EVALUATION.hidden.score
    assert result.audit.flags[0].where == "api.openai.com"


def test_run_without_a_model_was_not_submitted() -> None:
    run = dataclasses.replace(RUN, counts=None, snapshots=())
    result = result_of(_audited(run=run), 1)
    assert (result.reason, result.why) == ("model-not-submitted", "the run ended (finished) without a model")


def test_run_without_an_evaluation_failed() -> None:
    audit = dataclasses.replace(PASSED, evaluation_digest=None)
    result = result_of(_audited(evaluation=None, audit=audit, digests={"run": RUN_DIGEST}), 1)
    assert (result.reason, result.raw, result.scores) == ("evaluation-failed", None, ())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"audit": dataclasses.replace(PASSED, run_digest=EVALUATION_DIGEST)}, "audit is of other documents"),
        ({"audit": dataclasses.replace(PASSED, evaluation_digest=None)}, "audit is of other documents"),
        ({"evaluation": dataclasses.replace(EVALUATION, run=EVALUATION_DIGEST)}, "evaluation is of another run"),
        ({"run": dataclasses.replace(RUN, exit=AgentExit(reason="infrastructure", status=None))}, "nobody's score"),
    ],
)
def test_documents_that_do_not_belong_together_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        result_of(_audited(**changes), 1)
