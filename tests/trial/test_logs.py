"""What programs say is shortened where it tells least, and the cut is marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from posttrain_arena.core.trial.logs import last_lines, plain, without_middle


def test_colours_titles_and_overwritten_lines_are_left_out() -> None:
    said = "\x1b[1;31mred\x1b[0m\r\n\x1b]0;title\x07 10%\r 50%\r100%\nend\x1b(B"
    assert plain(said) == "red\n100%\nend\x1b(B"


def test_the_middle_of_a_long_log_is_cut_and_marked() -> None:
    log = "first\n" + "x" * 5000 + "\nlast"
    short = without_middle(log, 100)
    assert short.startswith("first\nxx")
    assert short.endswith("xx\nlast")
    assert f"\n[{len(log) - 100} characters cut]\n" in short
    assert without_middle(log, len(log)) == log


def test_the_last_lines_are_kept_whole_with_a_mark_above() -> None:
    log = "".join(f"line {number}\n\n" for number in range(100))
    assert last_lines(log, 24) == "[…]\nline 97\nline 98\nline 99"
    assert last_lines("one\n\ntwo\n", 24) == "one\ntwo"
    assert last_lines("a\n" + "b" * 50, 10) == "[…]\nbbbbbbbbb…"
    assert last_lines("", 10) == ""


@given(st.text(alphabet="ab\n\r\x1b[31m", max_size=300), st.integers(1, 80))
def test_last_lines_fit_and_are_of_the_text(text: str, limit: int) -> None:
    found = last_lines(text, limit)
    lines = found.removeprefix("[…]").split("\n")
    assert len(found.removeprefix("[…]\n")) <= limit
    assert all(line.removesuffix("…") in plain(text) for line in lines)
