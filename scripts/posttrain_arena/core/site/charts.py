"""Geometry of the charts: values in, coordinates out; the templates draw them."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from posttrain_arena.model.leaderboard_run import Series, StageRate
from posttrain_arena.model.score import Interval

WHISKER_WIDTH, CURVE_WIDTH, CURVE_HEIGHT, MAX_POINTS = 160.0, 260.0, 90.0, 120
STAGE_LEFT, STAGE_RIGHT, STAGE_TOP, STAGE_BOTTOM = 34.0, 350.0, 10.0, 190.0
STRIP_WIDTH, STRIP_HALF = 1000.0, 60.0
TICK_ROOM = 36.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale of differences that contains zero; ends are multiples of ten points within [-1, 1]."""

    low: float
    high: float

    def x(self, value: float) -> int:
        """Return the coordinate of ``value``, clipped to the scale."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(6 + share * (WHISKER_WIDTH - 12))  # whole pixels: finer ends cost bytes in every row

    @property
    def ticks(self) -> list[tuple[int, float, str]]:
        """Return (coordinate, value, anchor) of zero, and of each end that its label does not collide with."""
        marks = [(0.0, "middle")]
        for end, anchor in ((self.low, "start"), (self.high, "end")):
            if abs(self.x(end) - self.x(0.0)) > TICK_ROOM:
                marks.append((end, anchor))
        return [(self.x(value), value, anchor) for value, anchor in marks]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisker:
    """An interval with its point on an axis; ``tone`` says on which side of zero it lies."""

    low: int
    high: int
    at: int
    zero: int
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The scales of a training curve."""

    low: float
    high: float
    first: int
    last: int

    def x(self, step: int) -> float:
        """Return where a step stands."""
        return _step_x(step, self.first, self.last)

    def place(self, step: int, value: float) -> tuple[float, float]:
        """Return where a value at a step stands."""
        up = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.x(step), round(CURVE_HEIGHT - 4 - up * (CURVE_HEIGHT - 8), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One training curve, with what is drawn beside it on the same scale.

    ``lines`` are polylines, broken where nothing was measured; ``chosen`` is where a marked step stands.
    """

    series: Series
    lines: tuple[str, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()
    beside: str = ""
    beside_dots: tuple[tuple[float, float], ...] = ()
    chosen: float | None = None
    low: float | None = None
    high: float | None = None
    last: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePoint:
    """One stage of one group in the stage chart."""

    x: float
    y: float
    low: float
    high: float
    rate: StageRate


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLine:
    """One group's way through the stages; ``mark`` numbers its colour and shape."""

    name: str
    mark: int
    line: str
    points: tuple[StagePoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One task in the strip: the path of its paired difference above or below the zero line."""

    path: str
    tone: str
    label: str


def difference_axis(intervals: Iterable[Interval | None]) -> Axis:
    """Return the axis that holds every interval."""
    known = [interval for interval in intervals if interval is not None]
    low = math.floor(round(10 * min([0.0, *(interval.low for interval in known)]), 6)) / 10
    high = math.ceil(round(10 * max([0.1, *(interval.high for interval in known)]), 6)) / 10
    return Axis(low=max(-1.0, low), high=min(1.0, high))


def tone(interval: Interval | None) -> str:
    """Return ``up`` or ``down`` for an interval clear of zero, else ``flat``."""
    if interval is not None and interval.low > 0:
        return "up"
    return "down" if interval is not None and interval.high < 0 else "flat"


def heat(delta: float) -> str:
    """Return the colour step of a cell: ``z`` around zero, ``u1`` to ``u4`` above, ``d1`` to ``d4`` below."""
    step = sum(abs(delta) >= bound for bound in (0.025, 0.1, 0.25, 0.5))
    return "z" if step == 0 else f"{'u' if delta > 0 else 'd'}{step}"


def whisker(axis: Axis, value: float, interval: Interval | None) -> Whisker:
    """Place one interval on ``axis``."""
    low, high = (interval.low, interval.high) if interval else (value, value)
    return Whisker(low=axis.x(low), high=axis.x(high), at=axis.x(value), zero=axis.x(0.0), tone=tone(interval))


def curve(series: Series, *, beside: Series | None = None, chosen: int | None = None) -> Curve:
    """Place one training curve in its frame, thinned to at most 120 points.

    ``beside`` is measured now and then and drawn on the same scale; ``chosen`` is a step to be marked.
    """
    pairs = list(zip(series.steps, series.values, strict=True))
    other = [pair for pair in zip(beside.steps, beside.values, strict=True) if pair[1] is not None] if beside else []
    known = [value for _, value in (*pairs, *other) if value is not None]
    if not known:
        return Curve(series=series)
    frame = Frame(low=min(known), high=max(known), first=series.steps[0], last=series.steps[-1])
    runs = [[frame.place(*pair) for pair in run] for run in _unbroken(_thinned(pairs))]
    dots = [frame.place(*pair) for run in _unbroken(_thinned(other)) for pair in run]
    return Curve(
        series=series,
        lines=tuple(_polyline(run) for run in runs if len(run) > 1),
        dots=tuple(run[0] for run in runs if len(run) == 1),
        beside=_polyline(dots),
        beside_dots=tuple(dots),
        chosen=None if chosen is None else frame.x(chosen),
        low=frame.low,
        high=frame.high,
        last=next((value for value in reversed(series.values) if value is not None), None),
    )


def stage_lines(rates: Sequence[StageRate], stages: Sequence[str]) -> tuple[StageLine, ...]:
    """Place the pass rates of every group; a suite with one group has one line."""
    groups = sorted({rate.group for rate in rates if rate.group is not None})
    return tuple(_stage_line(rates, stages, group, mark, len(groups)) for mark, group in enumerate(groups))


def stage_x(index: int, count: int) -> float:
    """Return where stage ``index`` of ``count`` stands."""
    width = (STAGE_RIGHT - STAGE_LEFT) / count
    return _tidy(STAGE_LEFT + width * (index + 0.5))


def stage_y(rate: float) -> float:
    """Return the height of a rate."""
    return _tidy(STAGE_BOTTOM - rate * (STAGE_BOTTOM - STAGE_TOP))


def strip(differences: Sequence[tuple[str, float]]) -> tuple[Bar, ...]:
    """Return one bar per (label, difference), in the order given."""
    slot = STRIP_WIDTH / max(1, len(differences))
    return tuple(_bar(index * slot, slot, label, value) for index, (label, value) in enumerate(differences))


def _bar(x: float, slot: float, label: str, value: float) -> Bar:
    height = max(1.5, abs(value) * (STRIP_HALF - 2))
    top = STRIP_HALF - height if value > 0 else STRIP_HALF if value < 0 else STRIP_HALF - height / 2
    return Bar(
        path=f"M{x + slot * 0.1:.1f} {top:.1f}h{slot * 0.8:.1f}v{height:.1f}h-{slot * 0.8:.1f}z",
        tone="up" if value > 0 else "down" if value < 0 else "flat",
        label=label,
    )


def _stage_line(rates: Sequence[StageRate], stages: Sequence[str], group: str, mark: int, groups: int) -> StageLine:
    by_stage = {rate.stage: rate for rate in rates if rate.group == group}
    aside = 9.0 * (mark - (groups - 1) / 2)
    placed = []
    for index, stage in enumerate(stages):
        if stage in by_stage:
            rate = by_stage[stage]
            low, high = (rate.interval.low, rate.interval.high) if rate.interval else (rate.rate, rate.rate)
            x = _tidy(stage_x(index, len(stages)) + aside)
            placed.append(StagePoint(x=x, y=stage_y(rate.rate), low=stage_y(low), high=stage_y(high), rate=rate))
    line = _polyline([(point.x, point.y) for point in placed])
    return StageLine(name=group, mark=mark % 4, line=line, points=tuple(placed))


@functools.lru_cache(maxsize=4096)
def _step_x(step: int, first: int, last: int) -> float:
    """Remember places: the curves of a run, and most runs of a recipe, were measured at the same steps."""
    across = (step - first) / (last - first) if last > first else 0.5
    return round(3 + min(max(across, 0.0), 1.0) * (CURVE_WIDTH - 6), 1)


def _thinned(pairs: Sequence[tuple[int, float | None]]) -> Sequence[tuple[int, float | None]]:
    return pairs[:: max(1, math.ceil(len(pairs) / MAX_POINTS))]


def _unbroken(pairs: Iterable[tuple[int, float | None]]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = [[]]
    for step, value in pairs:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((step, value))
    return [run for run in runs if run]


def _polyline(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _tidy(value: float) -> float:
    return round(value, 1)
