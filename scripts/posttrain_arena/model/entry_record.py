"""One entry as data: the board as far as it is about the entry, and every attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.board import Board
from posttrain_arena.model.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """``api/v1/entries/<entry>.json``; aggregates alone, so it may be public while a suite is sealed."""

    SCHEMA: ClassVar[str] = "entry-record"

    schema: Literal["entry-record/1"] = "entry-record/1"
    entry: str
    board: Board
    history: History
