"""Twenty honest agents of different seeds, the base model itself, and the starting kit's own: nothing is flagged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from agent_runs import AGENTS, HONEST_PROJECTION, Place

from posttrain_arena.model.audit import Audit
from posttrain_arena.model.documents import REPOSITORY_ROOT

KIT = REPOSITORY_ROOT / "starting-kit" / "agents"
SEEDS = range(20)
EVALUATED = 2
"""Of so many the answers are looked at too: an evaluation takes as long as three runs."""


@pytest.mark.parametrize("seed", SEEDS)
def test_honest_run_is_not_flagged(
    seed: int, place: Place, references: Path, record_property: pytest.RecordProperty
) -> None:
    run = place.run(place.agent(AGENTS / "honest"), name=f"honest-{seed}", seed=seed)
    if seed < EVALUATED:
        place.evaluate(run)
    audit, code = place.audit(run, references)
    record_property("figure", f"honest, seed {seed}: {_told(audit)}")
    assert (audit.verdict, code) == ("not-flagged", 0), [report for report in audit.detectors if report.flags]
    assert _projection(audit) < HONEST_PROJECTION
    assert set(audit.not_judged) <= {"scorer-attack", "score-coincidence"}


def test_base_model_itself_is_not_flagged(place: Place, references: Path) -> None:
    run = place.run(KIT / "noop", name="noop")
    place.evaluate(run)
    audit, _ = place.audit(run, references)
    assert audit.verdict == "not-flagged"
    assert audit.not_judged == ()


def test_agent_of_the_kit_is_not_flagged(place: Place, references: Path) -> None:
    run = place.run(KIT / "scripted-sft", name="scripted-sft", seconds=120)
    place.evaluate(run)
    audit, _ = place.audit(run, references)
    assert (audit.verdict, audit.not_judged) == ("not-flagged", ())
    assert _projection(audit) < HONEST_PROJECTION


def _projection(audit: Audit) -> float:
    (report,) = (report for report in audit.detectors if report.id == "weight-provenance")
    (note,) = report.notes
    found = re.search(r"projection ([-\d.]+)", note)
    assert found
    return float(found.group(1))


def _told(audit: Audit) -> str:
    notes = [note for report in audit.detectors for note in report.notes]
    return f"{audit.verdict}; {'; '.join(notes)}"
