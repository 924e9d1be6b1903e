"""Check one package of many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.core.check.read import check_draft
from posttrain_arena.core.check.sketch import Sketch, sketch_of
from posttrain_arena.core.check.summary import package_subject
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.report import Level, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found in one package, and its sketch, which is None where it cannot be read."""

    subject: Subject
    sketch: Sketch | None


def judge(path: Path, *, root: Path, competition: Competition, level: Level) -> Judged:
    """Check one package."""
    checked, draft = check_draft(path, root=root, competition=competition, level=level)
    sketch = sketch_of(draft) if draft is not None and level != "schema" else None
    return Judged(subject=package_subject(checked, root=root), sketch=sketch)
