"""What a machine says of the stage that it runs: written when it begins and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.launch import StageFailure, StageName


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReport:
    """``reports/<stage>.json`` beside the stage's files. ``starts`` counts machines, ``faults`` retryable failures."""

    SCHEMA: ClassVar[str] = "node-report"

    schema: Literal["node-report/1"] = "node-report/1"
    stage: StageName
    job: str
    state: Literal["running", "succeeded", "failed", "interrupted"]
    starts: int
    faults: int
    failure: StageFailure | None
    hardware: str
    versions: dict[str, str]
