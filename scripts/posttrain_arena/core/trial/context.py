"""Make a conversation fit a model's context by cutting its oldest tool outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

ROOM_AFTER_CUT = 0.75
"""A cut goes down to this part of the room: each one begins a new token sequence and voids the server's cache."""

_MARKER_CHARS = 80
"""Outputs up to this length stay: a marker would be no shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a conversation with its tokens; only ``outputs``, which tools wrote, may be cut."""

    tokens: int
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a cut leaves of a piece's outputs, and the characters that are gone."""

    index: int
    outputs: tuple[str, ...]
    chars: int


def cuts_to_fit(pieces: Sequence[Piece], room: int, size: Callable[[Sequence[str]], int]) -> list[Cut]:
    """Return the cuts, oldest first, that bring the pieces below ``room`` tokens; none where they fit.

    The newest outputs are cut only where nothing else makes room. The same pieces give the same cuts. Where all
    cuts are not enough they are returned nevertheless. ``size`` gives the tokens of a piece with these outputs.
    """
    total = sum(piece.tokens for piece in pieces)
    if total <= room:
        return []
    cuts: list[Cut] = []
    tools = [index for index, piece in enumerate(pieces) if piece.outputs]
    for index in tools:
        if total <= (room if index == tools[-1] else room * ROOM_AFTER_CUT):
            break
        kept = tuple(shortened(output) for output in pieces[index].outputs)
        chars = sum(len(old) for old, new in zip(pieces[index].outputs, kept, strict=True) if old != new)
        if chars:
            total -= pieces[index].tokens - min(size(kept), pieces[index].tokens)
            cuts.append(Cut(index=index, outputs=kept, chars=chars))
    return cuts


def shortened(output: str) -> str:
    """Return the marker that stands for a cut output, or a short output as it is."""
    return output if len(output) <= _MARKER_CHARS else f"[{len(output)} characters cut to fit the context]"
