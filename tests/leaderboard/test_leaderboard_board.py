"""The board: one row per entry, ordered by lift, the same for every order of the runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_runs import facts, run, sample

from posttrain_arena.cli.results import make_run
from posttrain_arena.core.leaderboard.board import build_board
from posttrain_arena.core.scoring.corpus import score_seeds
from posttrain_arena.core.scoring.standings import judge
from posttrain_arena.errors import UsageError
from posttrain_arena.model.board import Board
from posttrain_arena.model.documents import digest, encode, from_document, said_digest, to_document
from posttrain_arena.model.leaderboard_run import Pin

SECOND = replace(facts("slow-river").entry, digest=digest("slow-river, revised"))
RUNS = [
    run("quiet-harbour", rates=(0.3, 0.9), seed=1),
    run("paper-lantern", rates=(0.3, 0.5), seed=2),
    run("slow-river", rates=(0.2, 0.7), seed=3),
    run("slow-river", rates=(0.2, 0.3), seed=4, attempt=2, entry=SECOND),
    run("demo", rates=(0.2, 0.95), seed=5, exhibition="the project's own entry"),
]


@settings(max_examples=20, deadline=None)
@given(st.permutations(RUNS))
def test_board_does_not_depend_on_the_order_of_runs(runs) -> None:
    built = build_board(runs, judge=judge)
    assert encode(to_document(built)) == encode(to_document(build_board(RUNS, judge=judge)))
    assert from_document(Board, to_document(built), where="board") == built


def test_one_row_per_entry_by_its_latest_attempt_ordered_by_lift() -> None:
    (section,) = build_board(RUNS, judge=judge).sections
    assert [row.entry.name for row in section.rows] == ["quiet-harbour", "paper-lantern", "slow-river", "demo"]
    river = section.rows[2]
    assert (river.attempt, river.attempts, river.seed) == (2, 2, 4)
    assert [row.delta for row in section.rows[:3]] == sorted((row.delta for row in section.rows[:3]), reverse=True)


def test_exhibitions_and_the_baseline_hold_no_rank() -> None:
    (section,) = build_board(RUNS, judge=judge).sections
    assert section.rows[-1].standing is None
    assert section.rows[-1].reason == "the project's own entry"
    assert max(row.standing.rank_high for row in section.rows if row.standing) == 3
    assert [(base.stage, base.entries) for base in section.baselines] == [("base", 4)]


def test_an_exhibition_after_a_ranked_run_does_not_take_its_rank() -> None:
    later = run("paper-lantern", rates=(0.1, 0.1), seed=9, attempt=2, exhibition="a trial of the new machine")
    (section,) = build_board([*RUNS, later], judge=judge).sections
    row = next(row for row in section.rows if row.entry.name == "paper-lantern")
    assert (row.status, row.attempt, row.attempts) == ("ranked", 1, 2)


def test_equal_lifts_are_ordered_by_name() -> None:
    same = [run(name, seed=1) for name in ("zebra", "alpha", "mole")]
    (section,) = build_board(same, judge=judge).sections
    assert [row.entry.name for row in section.rows] == ["alpha", "mole", "zebra"]
    assert {(row.standing.rank_low, row.standing.rank_high) for row in section.rows if row.standing} == {(1, 3)}


def test_another_suite_or_track_is_another_section() -> None:
    base = facts("elsewhere")
    small = make_run(
        replace(base, baseline=sample("base", 0.1, seed=0, n=12), evaluations=(sample("grpo", 0.9, seed=1, n=12),))
    )
    skills = make_run(replace(base, entry=replace(base.entry, track="skills")))
    board = build_board([*RUNS, small, skills], judge=judge)
    assert [(section.track, len(section.rows)) for section in board.sections] == [
        *sorted([("environments", 4), ("environments", 1)], key=lambda pair: _digest_of(board, pair)),
        ("skills", 1),
    ]


def _digest_of(board: Board, pair: tuple[str, int]) -> str:
    return next(s.suite.digest for s in board.sections if (s.track, len(s.rows)) == pair)


def test_no_run_gives_an_empty_board() -> None:
    empty = Board(sections=())
    assert build_board([], judge=judge) == replace(empty, digest=said_digest(empty))


def test_a_second_baseline_is_a_row_of_its_own() -> None:
    other = run("late", baseline=sample("base", 0.2, seed=8))
    (section,) = build_board([*RUNS, other], judge=judge).sections
    assert sorted(base.entries for base in section.baselines) == [1, 4]
    assert {base.evaluation for base in section.baselines} == {
        digest(to_document(other.baseline)),
        digest(to_document(RUNS[0].baseline)),
    }


def test_runs_that_differ_in_the_seed_alone_make_one_row_of_the_corpus() -> None:
    seeds = ((0.6, 6), (0.7, 7))
    again = [run("paper-lantern", rates=(0.3, rate), seed=seed, gpu_hours=2.0, attempt=seed) for rate, seed in seeds]
    of_another_recipe = run("paper-lantern", seed=8, attempt=2, recipe=Pin(name="other", digest=digest("other")))
    first, second = again
    (section,) = build_board([*RUNS[2:], *again, of_another_recipe], judge=judge).sections
    rows = {row.entry.name: row for row in section.rows}
    row, score = rows["paper-lantern"], score_seeds([r.evaluations[-1] for r in again], [first.baseline])
    assert (row.run, row.seeds, row.estimand) == (second.id, (first.id,), "this corpus")
    assert (row.delta, row.interval, row.se) == (score.delta, score.interval, score.se)
    assert (row.k, row.attempts, row.gpu_hours) == (8, 3, 4.0)
    assert row.wall_sec == pytest.approx(2 * sum(first.wall_sec.values()))
    assert {row.estimand for name, row in rows.items() if name != "paper-lantern"} == {"this checkpoint"}


def test_one_seed_run_twice_is_no_corpus() -> None:
    (section,) = build_board([*RUNS, run("paper-lantern", rates=(0.3, 0.5), seed=2, attempt=2)], judge=judge).sections
    row = next(row for row in section.rows if row.entry.name == "paper-lantern")
    assert (row.attempt, row.seeds, row.estimand) == (2, (), "this checkpoint")


def test_few_tasks_have_the_interval_for_small_sets() -> None:
    few = run("few", evaluations=(sample("grpo", 0.6, seed=2, n=12),), baseline=sample("base", 0.2, seed=2, n=12))
    (row,) = build_board([few], judge=judge).sections[0].rows
    assert row.sparse
    assert row.interval == few.score.small_set_interval != few.score.interval


def test_runs_on_other_tasks_under_the_same_digest_are_refused() -> None:
    run = RUNS[0]
    part = [replace(one, tasks=one.tasks[:12]) for one in (run.baseline, *run.evaluations)]
    fewer = replace(run, id="thin-ice-0123456789ab", entry=replace(run.entry, name="thin-ice"), baseline=part[0])
    fewer = replace(fewer, evaluations=tuple(part[1:]))
    with pytest.raises(UsageError, match=r"same digest, and of different tasks \(T-012, T-013, T-014\)"):
        build_board([*RUNS, fewer], judge=judge)


def test_one_attempt_is_one_run() -> None:
    again = replace(RUNS[0], id="quiet-harbour-0123456789ab")
    with pytest.raises(UsageError, match="are both attempt 1 of quiet-harbour"):
        build_board([*RUNS, again], judge=judge)
