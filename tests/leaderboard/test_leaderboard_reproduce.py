"""``arena leaderboard reproduce`` says what it did again, what differs, and what it could not do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from synthetic_runs import run

from posttrain_arena.cli import results
from posttrain_arena.cli.main import main
from posttrain_arena.core.leaderboard.reproduction import curves_differ, rewards_differ, steady
from posttrain_arena.model import documents
from posttrain_arena.model.documents import digest
from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef

RUN = run()


def reproduced(*words: str | Path) -> int:
    return main(["leaderboard", "reproduce", *map(str, words)])


def test_a_score_is_computed_again_and_the_rest_is_said_to_be_left(tmp_path: Path, capsys) -> None:
    results.add_run(RUN, tmp_path)
    assert reproduced(RUN.id, "--leaderboard", tmp_path) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"score:       reproduced: every number of {RUN.id} follows from its 288 rewards",
        "baseline:    not reproduced: needs --job, --suite",
        "evaluation:  not reproduced: needs --job, --suite, --checkpoint",
        "training:    not reproduced: needs --job and --train",
    ]


def test_a_score_that_does_not_follow_differs(tmp_path: Path, capsys) -> None:
    documents.write_document(tmp_path / "run.json", replace(RUN, score=replace(RUN.score, delta=0.99)))
    assert reproduced(tmp_path / "run.json") == 1
    assert "score:       differs: score/delta: the file says 0.99" in capsys.readouterr().out


def test_a_run_that_is_not_there_and_a_job_of_another_run_are_refused(tmp_path: Path, capsys) -> None:
    assert reproduced("nobody-0123456789ab", "--leaderboard", tmp_path) == 2
    assert "cannot be read" in capsys.readouterr().err
    results.add_run(RUN, tmp_path)
    recipe = documents.REPOSITORY_ROOT / "sky" / "recipes" / "tiny.yaml"
    job = Job(
        entry=EntryRef(name="other", team="Other", track="environments", path="entry", digest=digest("e")),
        recipe=RecipeRef(path=str(recipe), digest=recipe_digest(recipe)),
        suite=SuiteRef(name="public-sample", digest=digest("s")),
        seed=0,
    )
    documents.write_document(tmp_path / "job.json", job)
    assert reproduced(RUN.id, "--leaderboard", tmp_path, "--job", tmp_path / "job.json") == 2
    assert f"is not the job of {RUN.id}" in capsys.readouterr().err


def recipe_digest(path: Path) -> str:
    from posttrain_arena.core.training.recipes import read_recipe

    return digest(documents.to_document(read_recipe(path)))


def test_rewards_that_differ_are_counted() -> None:
    wanted = RUN.evaluations[2]
    assert rewards_differ(wanted, wanted) == ""
    tasks = (
        replace(wanted.tasks[0], rewards=tuple(1.0 - reward for reward in wanted.tasks[0].rewards)),
        *wanted.tasks[1:],
    )
    told = rewards_differ(wanted, replace(wanted, tasks=tasks))
    assert told.startswith("1 of 24 tasks have other rewards, first T-000; mean reward 0.")
    assert rewards_differ(wanted, replace(wanted, tasks=wanted.tasks[1:])).startswith(
        "1 of 24 tasks have other rewards"
    )


def test_curves_are_compared_step_by_step_without_those_of_the_clock() -> None:
    assert curves_differ(RUN.curves, RUN.curves) == ""
    assert {curve.name for curve in RUN.curves} - {curve.name for curve in steady(RUN.curves)} == {
        "lost_trials",
        "sync_gap",
        "timeouts",
        "trials_per_sec",
    }
    first = RUN.curves[0]
    assert curves_differ(RUN.curves, RUN.curves[1:]) == f"{first.stage} {first.name}: has other steps"
    values = (*first.values[:5], 0.25, *first.values[6:])
    told = curves_differ(RUN.curves, (replace(first, values=values), *RUN.curves[1:]))
    assert told == f"sft loss: is 0.25 at step 5, and was {first.values[5]}"
    missing = replace(first, values=(*first.values[:5], None, *first.values[6:]))
    assert "is None at step 5" in curves_differ(RUN.curves, (missing, *RUN.curves[1:]))
    faster = [
        replace(curve, values=tuple(9.9 for _ in curve.values))
        for curve in RUN.curves
        if curve.name == "trials_per_sec"
    ]
    others = [curve for curve in RUN.curves if curve.name != "trials_per_sec"]
    assert curves_differ(RUN.curves, [*others, *faster]) == ""
