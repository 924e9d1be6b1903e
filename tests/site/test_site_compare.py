"""Pages of two entries: paired, as a score of one against the other, for the pairs that a reader asks about."""

from __future__ import annotations

from dataclasses import replace

from page_reader import PageReader
from site_fields import built_site, field, source

from posttrain_arena.core.scoring.score import score
from posttrain_arena.core.site.compare import ALL_PAIRS, ROWS, by_run, pair_view, section_pairs
from posttrain_arena.core.site.entry import scored
from posttrain_arena.core.site.text import points, span

FIELD = field(4, tasks=24)


def test_a_pair_shows_the_score_of_one_against_the_other() -> None:
    runs = {run.id: run for run in FIELD}
    site = built_site(FIELD)
    (section,) = section_pairs(source(FIELD))
    assert len(section.pairs) == 6
    for pair in section.pairs:
        first, second = (runs[side.row.run] for side in (pair.first, pair.second))
        expected = score(scored(first), scored(second))
        assert pair.score == expected
        words = PageReader(site[pair.page]).words
        assert f"{points(expected.delta)} pp" in words
        assert f"95% interval {span(expected.told)}" in words
        view = pair_view(pair)
        assert view.ahead + view.behind + sum(task.difference == 0 for task in view.tasks) == 24


def test_pairs_stand_in_the_order_of_the_board_and_on_both_pages() -> None:
    found = section_pairs(source(FIELD))
    order = [row.run for row in found[0].section.rows]
    for pair in found[0].pairs:
        assert order.index(pair.first.row.run) < order.index(pair.second.row.run)
    assert {name: len(pairs) for name, pairs in by_run(found).items()} == {run.id: 3 for run in FIELD}


def test_a_long_board_has_the_pairs_that_matter() -> None:
    few = field(2, tasks=8)
    many = [
        replace(few[0], id=f"entry-{number:03}-0123456789ab", entry=replace(few[0].entry, name=f"entry-{number:03}"))
        for number in range(ROWS + 5)
    ]
    (section,) = section_pairs(source(many))
    corner = ALL_PAIRS * (ALL_PAIRS - 1) // 2
    assert len(section.pairs) == corner + 2 * (ROWS - ALL_PAIRS)
    assert len(section.rest) == 2 * (ROWS - ALL_PAIRS)
    assert len({pair.page for pair in section.pairs}) == len(section.pairs)


def test_sets_that_share_a_rank_are_said_to() -> None:
    (section,) = section_pairs(source(FIELD))
    for pair in section.pairs:
        first, second = pair.first.row.standing, pair.second.row.standing
        if first and second:
            ranks = range(max(first.rank_low, second.rank_low), min(first.rank_high, second.rank_high) + 1)
            assert pair_view(pair).overlap is bool(ranks)
        else:
            assert pair_view(pair).overlap is None


def test_one_entry_alone_is_compared_with_nobody() -> None:
    assert "Fewer than two entries" in PageReader(built_site(FIELD[:1])["compare.html"]).words


def test_runs_on_different_suites_are_never_paired() -> None:
    other = field(1, tasks=16, seed=3)
    assert section_pairs(source([FIELD[0], *[replace(run, id="x-0123456789ab") for run in other]])) == ()
