"""Build the board from the runs: sections, one row per entry, order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from posttrain_arena.core.leaderboard.changes import changelog, standing_aside
from posttrain_arena.core.leaderboard.runs import scored_evaluation
from posttrain_arena.errors import UsageError
from posttrain_arena.model.board import BaselineRow, Board, Judgement, Label, Row, RowStatus, Section, Standing
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import said_digest
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.score import Score
from posttrain_arena.model.sealed_run import Published, SealedRun

Judge = Callable[[Mapping[str, tuple[Sequence[Evaluation], Evaluation]]], Judgement]
"""Entry to (the evaluations of its seeds, the baseline) in: ``scoring.standings.judge``."""


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
    board = Board(
        sections=tuple(_section(sections[key], judge, standing_aside(changes)) for key in sorted(sections)),
        changes=changelog(changes, by_id),
    )
    return replace(board, digest=said_digest(board))


def latest(runs: Iterable[Published]) -> dict[str, Published]:
    """Return the run that stands for each entry: its latest ranked attempt (never its best), else its latest."""
    chosen: dict[str, Published] = {}
    for run in sorted(runs, key=lambda run: (run.status == "ranked", run.attempt, run.id)):
        chosen[run.entry.name] = run
    return chosen


def _section(runs: Sequence[Published], judge: Judge, aside: Mapping[str, tuple[RowStatus, str]]) -> Section:
    _require_comparable(runs)
    standing = [run for run in runs if run.id not in aside]
    chosen, attempts = latest(standing), Counter(run.entry.name for run in runs)
    alike = _alike(standing)
    ranked = {
        name: _with_seeds(run, alike[_fixed(run)])
        for name, run in chosen.items()
        if isinstance(run, LeaderboardRun) and run.status == "ranked"
    }
    judged = judge({name: ([*map(scored_evaluation, found)], found[0].baseline) for name, found in ranked.items()})
    rows = [
        _row(ranked.get(name, (run,)), attempts[name], judged.standings.get(name), judged.corpora.get(name))
        for name, run in chosen.items()
    ]
    rows += [_row_aside(run, aside[run.id], attempts[run.entry.name]) for run in runs if run.id in aside]
    some = runs[0]
    return Section(
        track=some.entry.track,
        suite=some.suite,
        power=judged.power,
        rows=tuple(sorted(rows, key=_place)),
        baselines=_baselines(chosen.values()),
    )


def _require_comparable(runs: Sequence[Published]) -> None:
    """Raise UsageError for two runs that are one attempt, or that were measured on different tasks."""
    attempts: dict[tuple[str, int], str] = {}
    first: tuple[str, frozenset[tuple[str, str, str, str]]] | None = None
    for run in sorted(runs, key=lambda run: run.id):
        other = attempts.setdefault((run.entry.name, run.attempt), run.id)
        if other != run.id:
            raise UsageError(f"{run.id} and {other} are both attempt {run.attempt} of {run.entry.name}: take one out")
        if isinstance(run, LeaderboardRun):
            tasks = run.task_pins
            first = first or (run.id, tasks)
            if tasks != first[1]:
                names = ", ".join(sorted({task[0] for task in tasks ^ first[1]})[:3])
                raise UsageError(
                    f"{run.id} and {first[0]} are of the suite {run.suite.name} with the same digest, and of different "
                    f"tasks ({names}): take out the one that is not of that suite"
                )


def _alike(runs: Iterable[Published]) -> dict[tuple[str | int, ...], list[LeaderboardRun]]:
    """Return the ranked runs by all that is the same in runs of one entry with several seeds, later attempts last."""
    found: dict[tuple[str | int, ...], list[LeaderboardRun]] = {}
    for run in sorted(runs, key=lambda run: (run.attempt, run.id)):
        if isinstance(run, LeaderboardRun) and run.status == "ranked":
            found.setdefault(_fixed(run), []).append(run)
    return found


def _with_seeds(run: LeaderboardRun, alike: Iterable[LeaderboardRun]) -> tuple[LeaderboardRun, ...]:
    """Return ``run`` and those that differ from it in the training seed, the latest of each seed.

    A checkpoint counts once, under whichever seeds it was made.
    """
    by_seed = {other.seed: other for other in alike}
    by_checkpoint = {by_seed[seed].checkpoint: by_seed[seed] for seed in sorted(by_seed)}
    return (run, *(by_checkpoint[name] for name in by_checkpoint if name != run.checkpoint))


def _fixed(run: LeaderboardRun) -> tuple[str | int, ...]:
    pins = (run.entry.name, run.entry.digest, run.recipe.digest, run.suite.digest, run.base_model, run.scored_stage)
    return (*pins, run.score.baseline_evaluation, run.score.k)


def _place(row: Row) -> tuple[bool, bool, float, int, int, str, str]:
    """Order by lift, ties by rank set, then name; exhibitions after the ranked rows, what stands aside last."""
    ranks = (row.standing.rank_low, row.standing.rank_high) if row.standing else (0, 0)
    last = row.status in ("withdrawn", "flagged")
    return (last, row.standing is None, -row.delta, *ranks, row.entry.name, row.run if last else "")


def _row_aside(run: Published, why: tuple[RowStatus, str], attempts: int) -> Row:
    status, reason = why
    return replace(_row((run,), attempts), status=status, reason=reason)


def _row(
    runs: Sequence[Published], attempts: int, standing: Standing | None = None, corpus: Score | None = None
) -> Row:
    """Return the row of the first run; the others are its other seeds, and ``corpus`` is the score of all of them."""
    run, *seeds = runs
    score, entry = corpus or run.score, run.entry
    return Row(
        run=run.id,
        seeds=tuple(other.id for other in seeds),
        corpus=score.seeds,
        entry=Label(name=entry.name, team=entry.team, title=entry.title, url=entry.url),
        status=run.status,
        reason=run.reason,
        standing=standing,
        estimand=score.estimand,
        sparse=score.sparse,
        delta=score.delta,
        macro=score.macro,
        interval=score.told,
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
        wall_sec=sum(run.wall_sec[name] for run in runs for name in sorted(run.wall_sec)),
        gpu_hours=_total([run.gpu_hours for run in runs]),
        cost_usd=_total([run.cost_usd for run in runs]),
    )


def _total(parts: Sequence[float | None]) -> float | None:
    """Return the sum, None where a part was not counted."""
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


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
