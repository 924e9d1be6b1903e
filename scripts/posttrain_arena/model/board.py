"""The board: the leaderboard as data, built from the runs alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.change import ChangeKind
from posttrain_arena.model.leaderboard_run import Pin, Track
from posttrain_arena.model.score import Cell, Estimand, Interval, Score, Seeds

RowStatus = Literal["ranked", "exhibition", "withdrawn", "flagged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the tests say about a row: the ranks they leave open, and whether it beats the baseline.

    Both p-values are Holm's over all entries: the paired t, which decides, and the exact sign-flip test beside it.
    ``shrunken_delta`` is the lift drawn to the mean of the field, the more the less sure it is.
    """

    rank_low: int
    rank_high: int
    p_value: float
    sign_flip_p_value: float
    better: bool
    level_with_first: bool
    shrunken_delta: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """The smallest differences that a section's tasks and trials resolve, as fractions of 1."""

    baseline_delta: float
    pair_delta: float | None
    power: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the tests say about the entries of a section, and the scores of those that ran with several seeds."""

    standings: dict[str, Standing]
    corpora: dict[str, Score]
    power: Power | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Whose row it is; ``team``, ``title`` and ``url`` are hostile text."""

    name: str
    team: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry, represented by its latest ranked attempt on the suite (never by its best).

    ``seeds`` names the runs that differ from it in the training seed alone: with them the row speaks of the corpus, and
    ``corpus`` has the variance of its lift by source.
    ``interval`` is the one to tell, on a ``sparse`` set the small-set one (``Score.told``). Withdrawn and flagged runs
    have rows of their own, beside that of their entry.
    """

    run: str
    seeds: tuple[str, ...]
    corpus: Seeds | None = None
    estimand: Estimand
    sparse: bool
    entry: Label
    status: RowStatus
    reason: str
    standing: Standing | None
    delta: float
    macro: float
    interval: Interval
    se: float
    entry_rate: float
    baseline_rate: float
    n: int
    k: int
    k_b: int
    lost_share: float
    domains: tuple[Cell, ...]
    groups: tuple[Cell, ...]
    attempt: int
    attempts: int
    seed: int
    recipe: str
    checkpoint: str
    hardware: str
    wall_sec: float
    gpu_hours: float | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRow:
    """A reference evaluation; it holds no rank. ``entries`` counts the rows compared with it."""

    evaluation: str
    checkpoint: str
    stage: str
    rate: float
    k: int
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One track on one suite: only these rows are compared with each other."""

    track: Track
    suite: Pin
    power: Power | None
    rows: tuple[Row, ...]
    baselines: tuple[BaselineRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run said."""

    run: str
    delta: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A change with the numbers of the runs it names; ``after`` is None where nothing took the place of ``before``."""

    date: str
    kind: ChangeKind
    reason: str
    entry: str
    before: Outcome | None
    after: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """``leaderboard.json``; the same runs always give the same bytes.

    ``digest`` is that of all the rest; a part of the board, as entries have it, has none.
    """

    SCHEMA: ClassVar[str] = "board"

    schema: Literal["board/1"] = "board/1"
    digest: str = ""
    sections: tuple[Section, ...]
    changes: tuple[ChangeRow, ...] = ()
