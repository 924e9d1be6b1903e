"""Choose what a run's page shows of its training, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from posttrain_arena.core.site import charts
from posttrain_arena.core.site.text import clean
from posttrain_arena.model.leaderboard_run import Series
from posttrain_arena.model.sealed_run import Published

GROUPS: dict[str, dict[str, str]] = {
    "Learning": {
        "reward": "mean reward",
        "pass_rate": "pass rate",
        "reward_std": "reward spread in groups",
        "frac_reward_zero_std": "groups without spread",
        "entropy": "entropy",
        "loss": "loss",
        "grad_norm": "gradient norm",
        "mean_token_accuracy": "token accuracy",
    },
    "Sampler and trainer": {
        "sampler_kl": "KL of sampler to trainer",
        "weights_capped": "importance weights capped",
        "staleness": "staleness",
        "sync_gap": "gap after sync",
    },
    "Trials": {
        "trials_per_sec": "trials per second",
        "step_sec": "time per step",
        "groups_replaced": "groups replaced",
        "timeouts": "timed out",
        "failed_trials": "failed",
        "lost_trials": "lost",
    },
    "More": {},
}
"""Metrics in the order they are shown, with their words. What has none comes last under its own name."""

_BESIDE = {"loss": "validation_loss"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One curve with its title. ``beside`` is what is drawn with it, ``step`` the step that the checkpoint is from."""

    title: str
    curve: charts.Curve
    beside: Series | None
    step: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotGroup:
    """Curves that are read together; ``level`` holds (title, value, unit) of those that never moved."""

    title: str
    plots: tuple[Plot, ...]
    level: tuple[tuple[str, float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One metric as numbers; None where it was never measured."""

    title: str
    unit: str
    steps: int
    first: float | None
    low: float | None
    high: float | None
    last: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCurves:
    """The curves of one training stage, drawn and as numbers; ``step`` is where its checkpoint is from."""

    stage: str
    step: int | None
    groups: tuple[PlotGroup, ...]
    rows: tuple[MetricRow, ...]


def stage_curves(run: Published) -> tuple[StageCurves, ...]:
    """Return what is shown of each stage that left curves, in the run's order."""
    stages = dict.fromkeys(series.stage for series in run.curves)
    return tuple(_stage(stage, run) for stage in stages)


def _stage(stage: str, run: Published) -> StageCurves:
    curves = {series.name: series for series in run.curves if series.stage == stage}
    step = run.checkpoint_steps.get(stage)
    grouped = _grouped(curves)
    return StageCurves(
        stage=stage,
        step=step,
        groups=tuple(
            _group(title, [(words, curves[name]) for name, words in names.items()], curves, step=step)
            for title, names in grouped.items()
            if names
        ),
        rows=tuple(
            _row(words, curves[shown])
            for names in grouped.values()
            for name, words in names.items()
            for shown, words in ((name, words), (_BESIDE.get(name, ""), "validation " + words))
            if shown in curves
        ),
    )


def _grouped(curves: Mapping[str, Series]) -> dict[str, dict[str, str]]:
    """Return the groups with those metrics only that there are."""
    beside = {other for name, other in _BESIDE.items() if name in curves}
    found = {title: {name: words for name, words in names.items() if name in curves} for title, names in GROUPS.items()}
    named = {name for names in GROUPS.values() for name in names}
    found["More"] = {name: clean(name, 40) for name in curves if name not in named | beside}
    return found


def _group(
    title: str, chosen: Sequence[tuple[str, Series]], curves: Mapping[str, Series], *, step: int | None
) -> PlotGroup:
    plots, level = [], []
    for words, series in chosen:
        beside = curves.get(_BESIDE.get(series.name, ""))
        measured = {value for value in series.values if value is not None}
        if len(measured) == 1 and len(series.values) > 1 and beside is None:
            level.append((words, measured.pop(), series.unit))
            continue
        marked = step if beside is not None else None  # elsewhere it is the last step
        plot = charts.curve(series, beside=beside, chosen=marked)
        plots.append(Plot(title=words, curve=plot, beside=beside, step=marked))
    return PlotGroup(title=title, plots=tuple(plots), level=tuple(level))


def _row(title: str, series: Series) -> MetricRow:
    measured = [value for value in series.values if value is not None]
    return MetricRow(
        title=title,
        unit=series.unit,
        steps=len(measured),
        first=measured[0] if measured else None,
        low=min(measured, default=None),
        high=max(measured, default=None),
        last=measured[-1] if measured else None,
    )
