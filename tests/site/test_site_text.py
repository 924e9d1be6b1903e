"""Numbers and hostile text as pages show them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posttrain_arena.core.site import charts, text
from posttrain_arena.model.leaderboard_run import Series
from posttrain_arena.model.score import Interval


@given(st.text(max_size=500), st.integers(2, 80))
def test_clean_text_is_one_short_visible_line(value: str, limit: int) -> None:
    shown = text.clean(value, limit)
    assert len(shown) <= limit
    assert not any(unicodedata.category(char) in text.HIDDEN for char in shown)
    assert shown == " ".join(shown.split())


def test_clean_drops_what_could_turn_a_line_around() -> None:
    assert text.clean("a\u202eb\u2066c\x00d\ne\u200bf") == "a b c d e f"
    assert text.clean("x" * 10_000, 10) == "x" * 9 + "\N{HORIZONTAL ELLIPSIS}"


@pytest.mark.parametrize("url", ["https://example.org/a?b=c", "http://example.org"])
def test_http_addresses_are_linked(url: str) -> None:
    assert text.safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//example.org",
        "/path",
        "https:///path",
        "https://user@example.org",
        "https://[broken",
        "https://example.org/\na",
        "https://example.org/\u202e",
        "https://example.org/" + "a" * 500,
    ],
)
def test_other_addresses_are_not_linked(url: str) -> None:
    assert text.safe_url(url) is None


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(0.4167, "+41.7"), (-0.05, "\N{MINUS SIGN}5.0"), (0.0, "0.0"), (-0.0004, "0.0"), (1, "+100.0")],
)
def test_differences_are_signed_points(fraction: float, shown: str) -> None:
    assert text.points(fraction) == shown


def test_intervals_are_clipped_to_what_a_difference_can_be() -> None:
    assert text.span(Interval(low=-1.4, high=0.25)) == "\N{MINUS SIGN}100.0 to\N{NO-BREAK SPACE}+25.0"
    assert text.span(None) == text.TO


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.123456, "0.123"),
        (12345.6, "12,346"),
        (-0.5, "\N{MINUS SIGN}0.5"),
        (2e-5, "2.0e-5"),
        (0, "0"),
        (None, text.TO),
    ],
)
def test_measured_numbers_have_three_digits(value: float | None, shown: str) -> None:
    assert text.number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(1.26, "1.3 s"), (59.9, "1 min 00 s"), (245, "4 min 05 s"), (7260, "2 h 01 min")]
)
def test_durations_use_the_two_largest_units(seconds: float, shown: str) -> None:
    assert text.duration(seconds) == shown


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_every_whisker_lies_on_its_axis(a: float, b: float, c: float) -> None:
    low, value, high = sorted((a, b, c))
    interval = Interval(low=low, high=high)
    axis = charts.difference_axis([interval])
    mark = charts.whisker(axis, value, interval)
    assert 0 <= mark.low <= mark.at <= mark.high <= charts.WHISKER_WIDTH
    assert 0 <= mark.zero <= charts.WHISKER_WIDTH
    assert mark.tone == ("up" if low > 0 else "down" if high < 0 else "flat")


@pytest.mark.parametrize(
    ("values", "lines", "dots"),
    [
        ((None, None), 0, 0),
        ((1.0,), 0, 1),
        ((1.0, 1.0), 1, 0),
        ((1.0, 2.0, None, 3.0, None, 1.0, 2.0), 2, 1),
        ((), 0, 0),
    ],
)
def test_curves_break_where_nothing_was_measured(values: tuple[float | None, ...], lines: int, dots: int) -> None:
    series = Series(stage="grpo", name="kl", unit="", steps=tuple(range(len(values))), values=values)
    plot = charts.curve(series)
    assert (len(plot.lines), len(plot.dots)) == (lines, dots)


def test_long_curves_are_thinned() -> None:
    series = Series(stage="s", name="n", unit="", steps=tuple(range(10_000)), values=tuple(map(float, range(10_000))))
    (line,) = charts.curve(series).lines
    assert len(line.split()) <= charts.MAX_POINTS
    assert charts.curve(series).last == 9999.0


def test_what_is_measured_now_and_then_shares_the_scale_of_its_curve() -> None:
    steps = tuple(range(5))
    loss = Series(stage="sft", name="loss", unit="", steps=steps, values=(None, 4.0, 3.0, 2.0, 1.0))
    held = Series(stage="sft", name="validation_loss", unit="", steps=steps, values=(5.0, None, 3.0, None, 3.0))
    plot = charts.curve(loss, beside=held, chosen=2)
    assert (plot.low, plot.high, plot.last) == (1.0, 5.0, 1.0)
    assert [x for x, _ in plot.beside_dots] == [3.0, 130.0, 257.0]
    assert plot.beside_dots[0][1] < plot.beside_dots[1][1] == plot.beside_dots[2][1]
    assert plot.chosen == 130.0
    assert f"{plot.beside_dots[1][0]:g},{plot.beside_dots[1][1]:g}" in plot.lines[0], "3.0 at step 2 is on both"
    assert charts.curve(loss, chosen=99).chosen == 257.0
