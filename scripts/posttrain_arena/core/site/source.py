"""What the site is built from: the board and what stands behind it, and nothing that a clock or the network says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from posttrain_arena.model.agents_board import AgentsBoard
from posttrain_arena.model.board import Board
from posttrain_arena.model.competition import Phase
from posttrain_arena.model.documents import HOME
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.score import Score
from posttrain_arena.model.sealed_run import Published

Compare = Callable[[Iterable[tuple[Evaluation, Evaluation]]], Iterable[Score]]
"""Scores of evaluations against others, in the order of the pairs: ``scoring.score.score`` of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One page of the repository's documentation: where it lies and its Markdown."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """``runs`` have pages; a row of ``board`` whose run is not among them is shown without one.

    ``level`` is the confidence of the intervals. ``days`` has the ISO day on which a run was published, where that is
    known. ``phase`` is the one that the banner speaks of. ``files`` are the runs as they were committed, byte for byte;
    a run that has none is written anew. ``agents`` is the board of the track agents, which has a page of its own kind.
    """

    board: Board
    runs: Sequence[Published]
    compare: Compare
    level: float
    phase: Phase | None = None
    days: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    documents: Sequence[Document] = ()
    agents: AgentsBoard | None = None
    home: str = HOME
