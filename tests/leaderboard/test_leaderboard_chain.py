"""Every step from a run back to what it was made of holds, is broken and named, or is said to be open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from synthetic_runs import facts, run

from posttrain_arena.cli.known import known_here
from posttrain_arena.cli.results import make_run
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.leaderboard.chain import Known, KnownEntry, links
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.model.documents import REPOSITORY_ROOT, digest, read_document, to_document
from posttrain_arena.model.leaderboard_run import Pin
from posttrain_arena.model.suite import SEALED, Suite, SuiteTask

RUN = run()
SUITE = Suite(
    name=RUN.suite.name,
    tasks=tuple(
        SuiteTask(id=task.id, path=task.id, digest=task.digest, domain=task.domain, group=task.group)
        for task in RUN.baseline.tasks
    ),
)
ENTRY = KnownEntry(digest=RUN.entry.digest, team=RUN.entry.team, title=RUN.entry.title, track="environments")
KNOWN = Known(
    entries={RUN.entry.name: ENTRY},
    recipes={RUN.recipe.digest: RUN.recipe.name},
    suites={RUN.suite.digest: SUITE},
    analysis=RUN.score.analysis_digest,
)


def states(value=RUN, known: Known = KNOWN) -> dict[str, str]:
    return {link.name: link.state for link in links(value, known)}


def broken(value=RUN, known: Known = KNOWN) -> dict[str, str]:
    return {link.name: link.what for link in links(value, known) if link.state == "broken"}


def test_a_chain_that_is_all_here_holds() -> None:
    assert set(states().values()) == {"holds"}
    assert list(states()) == ["entry", "recipe", "job", "suite", "analysis"]


def test_what_is_not_here_is_open_and_never_broken() -> None:
    found = states(known=Known())
    assert found == {"entry": "open", "recipe": "open", "job": "holds", "suite": "open", "analysis": "open"}
    other = replace(ENTRY, digest=digest("later"))
    assert states(known=replace(KNOWN, entries={RUN.entry.name: other}))["entry"] == "open"


@pytest.mark.parametrize("part", ["team", "title", "track"])
def test_an_entry_that_says_something_else_is_named(part: str) -> None:
    known = replace(KNOWN, entries={RUN.entry.name: replace(ENTRY, **{part: "skills"})})
    assert broken(known=known) == {"entry": f"{part}: says {getattr(RUN.entry, part)!r}, and submission.yaml 'skills'"}


def test_a_recipe_under_another_name_is_named() -> None:
    assert (
        "its digest is that of 'large'" in broken(known=replace(KNOWN, recipes={RUN.recipe.digest: "large"}))["recipe"]
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"entry": replace(RUN.entry, digest=digest("other"))},
        {"entry": replace(RUN.entry, team="Other")},
        {"recipe": Pin(name="tiny", digest=digest("other"))},
        {"suite": Pin(name="public-sample", digest=digest("other"))},
        {"seed": 7},
        {"job": digest("other")},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_job_that_is_not_made_of_the_run_is_named(changed) -> None:
    assert "and entry, recipe, suite and seed give sha256:" in broken(replace(RUN, **changed))["job"]


def test_a_task_that_the_suite_does_not_pin_is_named() -> None:
    tasks = (replace(SUITE.tasks[0], digest=digest("other")), *SUITE.tasks[1:])
    known = replace(KNOWN, suites={RUN.suite.digest: replace(SUITE, tasks=tasks)})
    assert broken(known=known) == {"suite": "T-000: is not the task that public-sample pins"}


def test_a_run_on_the_sealed_suite_has_its_root() -> None:
    root = "a" * 64
    known = replace(KNOWN, sealed_root=root)
    sealed = replace(RUN, suite=Pin(name=SEALED, digest=f"sha256:{root}"))
    assert states(sealed, known)["suite"] == "holds"
    for wrong in (Pin(name=SEALED, digest=digest("other")), Pin(name="public-sample", digest=f"sha256:{root}")):
        assert "the sealed suite's root is" in broken(replace(RUN, suite=wrong), known)["suite"]
    assert "root is None" in broken(sealed, KNOWN)["suite"]


def test_another_analysis_is_named() -> None:
    assert "competition.yaml's is sha256:0" in broken(known=replace(KNOWN, analysis="sha256:0"))["analysis"]


def test_a_run_under_an_alias_keeps_entry_and_job_open() -> None:
    found = facts()
    blind = make_run(replace(found, job=digest("x"), entry=replace(found.entry, name="blind-0123456789ab")))
    assert {name: state for name, state in states(blind).items() if state != "holds"} == {
        "entry": "open",
        "job": "open",
    }


def test_this_checkout_is_read_for_what_it_has() -> None:
    known = known_here(REPOSITORY_ROOT, read_competition(REPOSITORY_ROOT / "competition.yaml"))
    tiny = read_recipe(REPOSITORY_ROOT / "sky" / "recipes" / "tiny.yaml")
    assert known.recipes[digest(to_document(tiny))] == "tiny"
    sample = read_document(REPOSITORY_ROOT / "starting-kit" / "public-sample" / "suite.json", Suite)
    assert known.suites == {sample.digest: sample}


def test_an_entry_of_the_checkout_is_known_by_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "submissions" / "team-north"
    folder.mkdir(parents=True)
    (folder / "submission.yaml").write_text(
        "team_name: North\ntitle: Logs\ntrack: environments\ncontact_email: a@example.org\nlicense: MIT\n"
    )
    (tmp_path / "submissions" / "broken").mkdir()
    (tmp_path / "submissions" / "broken" / "submission.yaml").write_text("- a\n")
    known = known_here(tmp_path, read_competition(REPOSITORY_ROOT / "competition.yaml"))
    assert set(known.entries) == {"team-north"}
    assert (known.entries["team-north"].team, known.entries["team-north"].title) == ("North", "Logs")
