"""Build the board from the runs: sections, one row per entry, order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from posttrain_arena.core.leaderboard.changes import changelog, standing_aside
from posttrain_arena.core.leaderboard.runs import scored_evaluation
from posttrain_arena.model.board import BaselineRow, Board, Label, Power, Row, RowStatus, Section, Standing
from posttrain_arena.model.change import Change
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.sealed_run import Published, SealedRun

Judge = Callable[[Mapping[str, tuple[Evaluation, Evaluation]]], tuple[dict[str, Standing], Power | None]]
"""Entry to (evaluation, baseline) in; standings and power out: ``scoring.ranks.judge``."""


def build_board(
    runs: Iterable[LeaderboardRun],
    *,
    judge: Judge,
    changes: Sequence[Change] = (),
    sealed: Iterable[SealedRun] = (),
) -> Board:
    """Return the board; the order of ``runs`` does not matter, and no clock is read.

    Of ``sealed`` those count whose rewards are not among ``runs`` yet: they have rows, and no rank, which takes the
    rewards. Raises UsageError for a change that does not fit the runs.
    """
    by_id: dict[str, Published] = {run.id: run for run in sealed}
    by_id |= {run.id: run for run in runs}
    sections: dict[tuple[str, str, str], list[Published]] = {}
    for run in by_id.values():
        sections.setdefault((run.entry.track, run.suite.name, run.suite.digest), []).append(run)
    return Board(
        sections=tuple(_section(sections[key], judge, standing_aside(changes)) for key in sorted(sections)),
        changes=changelog(changes, by_id),
    )


def latest(runs: Iterable[Published]) -> dict[str, Published]:
    """Return the run that stands for each entry: its latest ranked attempt (never its best), else its latest."""
    chosen: dict[str, Published] = {}
    for run in sorted(runs, key=lambda run: (run.status == "ranked", run.attempt, run.id)):
        chosen[run.entry.name] = run
    return chosen


def _section(runs: Sequence[Published], judge: Judge, aside: Mapping[str, tuple[RowStatus, str]]) -> Section:
    chosen = latest(run for run in runs if run.id not in aside)
    attempts = Counter(run.entry.name for run in runs)
    standings, power = judge(
        {
            name: (scored_evaluation(run), run.baseline)
            for name, run in chosen.items()
            if isinstance(run, LeaderboardRun) and run.status == "ranked"
        }
    )
    rows = [_row(run, standings.get(name), attempts[name]) for name, run in chosen.items()]
    rows += [_row_aside(run, aside[run.id], attempts[run.entry.name]) for run in runs if run.id in aside]
    some = runs[0]
    return Section(
        track=some.entry.track,
        suite=some.suite,
        power=power,
        rows=tuple(sorted(rows, key=_place)),
        baselines=_baselines(chosen.values()),
    )


def _place(row: Row) -> tuple[bool, bool, float, int, int, str, str]:
    """Order by lift, ties by rank set, then name; exhibitions after the ranked rows, what stands aside last."""
    ranks = (row.standing.rank_low, row.standing.rank_high) if row.standing else (0, 0)
    last = row.status in ("withdrawn", "flagged")
    return (last, row.standing is None, -row.delta, *ranks, row.entry.name, row.run if last else "")


def _row_aside(run: Published, why: tuple[RowStatus, str], attempts: int) -> Row:
    status, reason = why
    return replace(_row(run, None, attempts), status=status, reason=reason)


def _row(run: Published, standing: Standing | None, attempts: int) -> Row:
    score, entry = run.score, run.entry
    return Row(
        run=run.id,
        entry=Label(name=entry.name, team=entry.team, title=entry.title, url=entry.url),
        status=run.status,
        reason=run.reason,
        standing=standing,
        delta=score.delta,
        macro=score.macro,
        interval=score.interval,
        se=score.se,
        entry_rate=score.entry_rate,
        baseline_rate=score.baseline_rate,
        n=score.n,
        k=score.k,
        k_b=score.k_b,
        lost_share=score.lost.share,
        domains=score.domains,
        groups=score.groups,
        attempt=run.attempt,
        attempts=attempts,
        seed=run.seed,
        recipe=run.recipe.name,
        checkpoint=run.checkpoint,
        hardware=run.hardware,
        wall_sec=sum(run.wall_sec[name] for name in sorted(run.wall_sec)),
        gpu_hours=run.gpu_hours,
        cost_usd=run.cost_usd,
    )


def _baselines(runs: Iterable[Published]) -> tuple[BaselineRow, ...]:
    by_digest: dict[str, list[Published]] = {}
    for run in runs:
        by_digest.setdefault(run.score.baseline_evaluation, []).append(run)
    return tuple(
        BaselineRow(
            evaluation=name,
            checkpoint=found[0].baseline.checkpoint,
            stage=found[0].baseline.stage,
            rate=found[0].score.baseline_rate,
            k=found[0].baseline.trials_per_task,
            entries=len(found),
        )
        for name, found in sorted(by_digest.items())
    )
