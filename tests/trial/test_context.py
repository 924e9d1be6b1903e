"""Cutting old tool output: what goes, what stays, and that it is the same each time."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from posttrain_arena.core.trial.context import ROOM_AFTER_CUT, Piece, cuts_to_fit, shortened
from posttrain_arena.core.trial.conversation import text_bound

PIECES = st.lists(
    st.one_of(
        st.builds(Piece, tokens=st.integers(0, 300)),
        st.lists(st.text(max_size=400), min_size=1, max_size=3).map(
            lambda outputs: Piece(tokens=size(outputs), outputs=tuple(outputs))
        ),
    ),
    max_size=12,
)


def size(outputs: Sequence[str]) -> int:
    return text_bound(*outputs)


def total(pieces: Sequence[Piece]) -> int:
    return sum(piece.tokens for piece in pieces)


def after(pieces: Sequence[Piece], room: int) -> list[Piece]:
    left = list(pieces)
    for cut in cuts_to_fit(pieces, room, size):
        left[cut.index] = Piece(tokens=size(cut.outputs), outputs=cut.outputs)
    return left


@given(PIECES, st.integers(0, 2000))
def test_only_tool_output_is_cut_the_oldest_first_and_only_where_there_is_need(pieces: list[Piece], room: int) -> None:
    cuts = cuts_to_fit(pieces, room, size)
    indices = [cut.index for cut in cuts]
    assert indices == sorted(indices)
    assert bool(cuts) <= (total(pieces) > room)
    for cut in cuts:
        assert pieces[cut.index].outputs
        assert cut.outputs == tuple(shortened(output) for output in pieces[cut.index].outputs)
    cuttable = [index for index, piece in enumerate(pieces) if any(shortened(o) != o for o in piece.outputs)]
    assert indices == cuttable[: len(indices)]


@given(PIECES, st.integers(0, 2000))
def test_what_can_be_made_to_fit_fits_and_is_cut_once(pieces: list[Piece], room: int) -> None:
    left = after(pieces, room)
    least = [
        Piece(tokens=min(piece.tokens, size([shortened(output) for output in piece.outputs])))
        if piece.outputs
        else piece
        for piece in pieces
    ]
    assert (total(left) <= room) == (min(total(least), total(pieces)) <= room)
    if total(left) <= room:
        assert after(left, room) == left


def test_a_cut_leaves_room_and_says_how_much_is_gone() -> None:
    pieces = [Piece(tokens=10), *(Piece(tokens=300, outputs=("x" * 300,)) for _ in range(4))]
    left = after(pieces, 1000)
    assert left[1].outputs == ("[300 characters cut to fit the context]",)
    assert left[4] == pieces[4]
    assert total(left) <= 1000 * ROOM_AFTER_CUT


def test_the_newest_output_is_cut_only_where_nothing_else_makes_room() -> None:
    assert after([Piece(tokens=10), Piece(tokens=900, outputs=("x" * 900,))], 1000)[1].outputs == ("x" * 900,)
    assert "900 characters" in after([Piece(tokens=10), Piece(tokens=900, outputs=("x" * 900,))], 800)[1].outputs[0]
