"""An evaluation is compared with another one that was measured alike, and with no other."""

from __future__ import annotations

import dataclasses
import json

import pytest

from posttrain_arena.cli.agents_evaluate import compared
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.documents import SCHEMA_DIR, from_document

_SCHEMA = json.loads((SCHEMA_DIR / "agent-evaluation.schema.json").read_text(encoding="utf-8"))
OURS = from_document(AgentEvaluation, _SCHEMA["examples"][0], where="example")
DIGEST = "sha256:" + "ab" * 32


def test_the_same_answers_differ_by_nothing() -> None:
    assert compared(OURS, OURS) == "against 0.5000: +0.0000, 95% interval [+0.0000, +0.0000]"


@pytest.mark.parametrize(
    "theirs",
    [
        dataclasses.replace(OURS, seed=1),
        dataclasses.replace(OURS, base_model=DIGEST),
        dataclasses.replace(OURS, hidden=dataclasses.replace(OURS.hidden, split_digest=DIGEST)),
        dataclasses.replace(OURS, hidden=dataclasses.replace(OURS.hidden, judge="m")),
    ],
)
def test_what_was_measured_otherwise_is_refused(theirs: AgentEvaluation) -> None:
    with pytest.raises(UsageError, match="evaluate both alike"):
        compared(OURS, theirs)
