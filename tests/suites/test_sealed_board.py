"""Results on the sealed suite: aggregates until the reveal, everything after it, and each change of a byte is found."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sealed_contest import Contest, result, view_of
from sealed_suites import DOMAINS, Sealed, seal_suite

from posttrain_arena.core.leaderboard.sealed import aggregate_faults, projected
from posttrain_arena.core.leaderboard.store import BOARD_FILE
from posttrain_arena.model import documents
from posttrain_arena.model.documents import digest
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.sealed_run import SealedRun
from posttrain_arena.model.sealed_suite import RevealedSuite, SealedSuite


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Contest:
    """A contest before anything of the result is public; tests copy it."""
    top = tmp_path_factory.mktemp("contest")
    sealed = seal_suite(top, leaderboard=top / "leaderboard")
    run = result(view_of(sealed))
    documents.write_document(top / "private" / "run.json", run)
    return Contest(sealed=sealed, board=top / "leaderboard", private=top / "private" / "run.json", run=run)


@pytest.fixture
def contest(made: Contest, tmp_path: Path) -> Contest:
    top, copy = made.board.parent, tmp_path / "contest"
    shutil.copytree(top, copy)

    def moved(path: Path) -> Path:
        return copy / path.relative_to(top)

    sealed = Sealed(*map(moved, (made.sealed.suite, made.sealed.record, made.sealed.key, made.sealed.competition)))
    return replace(made, sealed=sealed, board=moved(made.board), private=moved(made.private))


def test_before_the_reveal_aggregates_alone_are_public(contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    assert not contest.public.exists()
    text = contest.hidden.read_text()
    assert documents.read_document(contest.hidden, SealedRun) == projected(contest.run)
    assert not re.search(r"T-\d{3}", text)
    record = documents.read_document(contest.sealed.record, SealedSuite)
    assert not [row.leaf for row in record.leaves if row.leaf in text]
    names = [package.name for package in contest.sealed.suite.iterdir()]
    assert not [name for name in names if name in text]
    assert "rewards" not in text
    assert contest.verify() == 0
    said = capsys.readouterr().out
    assert "verified 1 sealed run(s): their aggregates agree; single rewards wait for the reveal" in said


def test_adding_twice_changes_nothing_and_another_run_needs_another_attempt(contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    before = contest.hidden.read_bytes()
    assert contest.leaderboard("add", contest.private) == 0
    assert contest.hidden.read_bytes() == before
    documents.write_document(contest.private, result(view_of(contest.sealed), rate=0.2))
    assert contest.leaderboard("add", contest.private) == 2
    assert "attempt 1 of quiet-harbour is quiet-harbour-" in capsys.readouterr().err


def test_the_reveal_publishes_every_reward_and_then_everything_is_verified(contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    assert contest.reveal() == 0
    assert documents.read_document(contest.public, LeaderboardRun) == contest.run
    assert contest.leaderboard("build") == 0
    assert contest.verify("--suite", contest.sealed.suite) == 0
    assert "verified 1 run(s): every number follows from its rewards" in capsys.readouterr().out
    assert contest.reveal() == 0, "a second time changes nothing"


def test_a_result_that_comes_after_the_reveal_is_refused(contest: Contest, capsys) -> None:
    assert contest.sealed.reveal() == 0
    assert contest.leaderboard("add", contest.private) == 2
    assert "nothing was published of it before the reveal" in capsys.readouterr().err


def test_another_result_than_the_one_that_was_published_is_not_revealed(contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    other = replace(contest.run, hardware="another machine")
    documents.write_document(contest.private, replace(other, digest=documents.said_digest(other)))
    assert contest.reveal() == 2
    assert "is not the run whose aggregates were published" in capsys.readouterr().err
    assert not contest.public.exists()


def test_a_result_that_waits_for_its_rewards_is_named_after_the_reveal(contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    assert contest.sealed.reveal() == 0
    assert contest.verify() == 1
    assert "the suite is revealed, and the rewards of this run are not: add the run" in capsys.readouterr().err


def test_single_rewards_before_the_reveal_are_named(contest: Contest, capsys) -> None:
    documents.write_document(contest.public, contest.run)
    assert contest.verify() == 1
    assert f"{contest.public}: evaluations: the rewards of single sealed tasks are public" in capsys.readouterr().err


def test_a_result_on_another_sealed_suite_is_refused(contest: Contest, tmp_path: Path, capsys) -> None:
    other = seal_suite(tmp_path / "other")
    documents.write_document(contest.private, result(view_of(other)))
    assert contest.leaderboard("add", contest.private) == 2
    assert "is not the record of the suite that it was measured on" in capsys.readouterr().err


def _edited(path: Path, change: Callable[[dict], object]) -> None:
    doc = json.loads(path.read_bytes())
    change(doc)
    path.write_bytes(documents.encode(doc))


BEFORE = {
    "id: says": lambda doc: doc.update(attempt=2),
    "checkpoint: says": lambda doc: doc.update(checkpoint=digest("better")),
    "score/suite_digest: says": lambda doc: doc["score"].update(suite_digest=digest("other")),
    "score/entry_evaluation: says": lambda doc: doc["evaluations"][2].update(digest=digest("other")),
    "score/baseline_evaluation: says": lambda doc: doc["baseline"].update(digest=digest("other")),
    "score/n: says": lambda doc: doc["score"].update(n=7),
    "score/k, score/k_b: says": lambda doc: doc["score"].update(k=3),
    "score/lost: says": lambda doc: doc["evaluations"][2].update(lost=0),
    "status, reason: says": lambda doc: doc.update(status="ranked", reason=""),
    "score/delta: says": lambda doc: doc["score"].update(delta=0.99),
    "score/entry_rate: says": lambda doc: doc["score"].update(entry_rate=0.99),
    "score/baseline_rate: says": lambda doc: doc["score"].update(baseline_rate=0.99),
    "score/macro: says": lambda doc: doc["score"].update(macro=0.99),
    "score/lost/share: says": lambda doc: doc["score"]["lost"].update(share=0.0),
    "stages: says": lambda doc: doc.update(stages=[]),
    "scored_stage: 0 evaluations": lambda doc: doc.update(scored_stage="best"),
    "score/domains: [] should be non-empty": lambda doc: doc["score"].update(domains=[]),
    "job: says": lambda doc: doc.update(seed=9),
    "suite: is sealed": lambda doc: doc["suite"].update(digest=digest("other")),
    "analysis: says": lambda doc: doc["score"].update(analysis_digest=digest("other")),
    "id: the file says": lambda doc: doc.update(id="quiet-harbour-000000000000"),
}


@pytest.mark.parametrize("named", BEFORE)
def test_aggregates_that_contradict_each_other_are_named(named: str, contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    _edited(contest.hidden, BEFORE[named])
    assert contest.verify() == 1
    told = capsys.readouterr().err.splitlines()
    assert any(line.startswith(f"{contest.hidden}: ") and named in line for line in told), told


def test_sound_aggregates_contradict_nothing(contest: Contest) -> None:
    assert list(aggregate_faults(projected(contest.run))) == []
    assert contest.run.score.lost.entry == 1
    assert {cell.name for cell in contest.run.score.domains} == set(DOMAINS)


def test_every_flipped_byte_before_the_reveal_is_found_and_its_file_named(contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    assert contest.leaderboard("build") == 0
    board = contest.hidden.parents[2] / BOARD_FILE
    _flip_everywhere(contest, {path: {path} for path in (contest.hidden, contest.sealed.record, board)}, capsys)


def test_every_flipped_byte_after_the_reveal_is_found_and_its_file_named(contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    assert contest.reveal() == 0
    run = {contest.public, contest.hidden}  # they say the same: which of two that differ was changed nobody can know
    named = {path: run if path in run else {path} for path in (*run, contest.sealed.record, contest.sealed.revealed)}
    _flip_everywhere(contest, named, capsys)


def _flip_everywhere(contest: Contest, files: dict[Path, set[Path]], capsys) -> None:
    """Flip single bits of each file; `verify` must fail each time and name one of the files given for it."""
    rng = random.Random(8)
    for path, named in sorted(files.items()):
        data = path.read_bytes()
        for at in sorted(rng.sample(range(len(data)), 25)):
            path.write_bytes(data[:at] + bytes([data[at] ^ (1 << rng.randrange(7))]) + data[at + 1 :])
            capsys.readouterr()
            assert contest.verify() == 1, (path, at, data[at - 20 : at + 20])
            told = capsys.readouterr().err
            assert any(str(name) in told for name in named), (path, at, told)
        path.write_bytes(data)
    assert contest.verify() == 0


AFTER = {
    "baseline: T-00": lambda doc: _swap(doc["baseline"]["tasks"]),
    "as before the reveal/hardware": lambda doc: doc.update(hardware="another machine"),
}


def _swap(tasks: list[dict]) -> None:
    tasks[0]["digest"], tasks[1]["digest"] = tasks[1]["digest"], tasks[0]["digest"]


@pytest.mark.parametrize("named", AFTER)
def test_a_revealed_run_is_the_one_that_was_told_on_the_tasks_that_were_sealed(
    named: str, contest: Contest, capsys
) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    assert contest.reveal() == 0
    _edited(contest.public, AFTER[named])
    assert contest.verify() == 1
    assert f"{contest.public}: {named}" in capsys.readouterr().err


def test_a_package_that_is_not_what_was_sealed_is_named(contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    assert contest.reveal() == 0
    package = sorted(contest.sealed.suite.iterdir())[0]
    (package / "oracle" / "solve.sh").write_text("exit 1\n")
    assert contest.verify("--suite", contest.sealed.suite) == 1
    assert f"({package.name}): its files are not those that were sealed" in capsys.readouterr().err


def test_a_missing_record_and_a_published_analysis_that_differs_are_named(contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    text = contest.sealed.competition.read_text()
    contest.sealed.competition.write_text(text.replace("analysis: null", f"analysis: {digest('other')}"))
    assert contest.verify() == 1
    assert "suites/sealed/analysis: says sha256:" in capsys.readouterr().err
    contest.sealed.record.unlink()
    assert contest.verify() == 1
    assert f"{contest.sealed.record}: is missing: what else is sealed hangs on it" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["suite.json", "revealed.json"])
def test_records_that_are_no_plain_files_are_named(name: str, contest: Contest, capsys) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    path = contest.board / "sealed" / name
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")
    assert contest.verify() == 1
    assert f"{path}: only plain .json files belong here: remove it" in capsys.readouterr().err


def test_the_revealed_record_belongs_to_the_results(contest: Contest) -> None:
    assert contest.leaderboard("add", contest.private) == 0
    assert contest.reveal() == 0
    revealed = documents.read_document(contest.sealed.revealed, RevealedSuite)
    assert [task.opaque for task in revealed.tasks] == [task.id for task in contest.run.baseline.tasks]
    assert contest.sealed.reveal("--runs", contest.private) == 2
    elsewhere = contest.private.with_name("other-board")
    assert contest.sealed.reveal("--leaderboard", elsewhere, "--runs", contest.private) == 2
    assert (
        contest.sealed.reveal("--task", revealed.tasks[0].id, "--leaderboard", contest.board, "--runs", contest.private)
        == 2
    )
