"""The pages: the same from the same source, linked, complete without a script, and without anybody else's help."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from page_reader import PageReader, pages_of
from site_fields import PHASE, built_site, field, rendered, some_changes, source
from synthetic_runs import facts, run, sample

from posttrain_arena.cli.results import make_run
from posttrain_arena.core.leaderboard.board import build_board
from posttrain_arena.core.leaderboard.sealed import projected
from posttrain_arena.core.scoring.standings import judge
from posttrain_arena.core.site.text import points, span
from posttrain_arena.model.leaderboard_run import LeaderboardRun, Series

RUNS = [
    run("quiet-harbour", rates=(0.3, 0.9), seed=1),
    run("paper-lantern", rates=(0.3, 0.5), seed=2),
    run("slow-river", rates=(0.2, 0.1), seed=4),
    run("demo", rates=(0.2, 0.95), seed=5, exhibition="the project's own entry"),
]
FIELD = field(6, tasks=24)


def _page_of(value: LeaderboardRun, site: dict[str, bytes]) -> str:
    return site[f"runs/{value.id}.html"].decode()


def test_pages_are_the_golden_ones(golden) -> None:
    site = built_site(RUNS[:2])
    pair = next(name for name in sorted(site) if name.startswith("compare/"))
    golden("site/index.html", site["index.html"])
    golden("site/run.html", site[f"runs/{RUNS[0].id}.html"])
    golden("site/pair.html", site[pair])
    golden("site/changes.html", built_site(FIELD, changes=some_changes(FIELD))["changes.html"])
    golden("site/empty.html", built_site([])["index.html"])


def test_two_builds_are_equal_whatever_the_order() -> None:
    days = {value.id: "2026-11-20" for value in RUNS}
    assert built_site(RUNS, days=days) == built_site(RUNS[::-1], days=days)


def test_every_link_leads_somewhere() -> None:
    site = built_site(FIELD, changes=some_changes(FIELD))
    readers = pages_of(site)
    for name, page in readers.items():
        folder = Path(name).parent
        for link in (*page.values("href"), *page.values("src")):
            if link.startswith("https://example.org/"):
                continue
            path, _, fragment = link.partition("#")
            target = (
                path.lstrip("/") if path.startswith("/") else str(os.path.normpath(folder / path)) if path else name
            )
            assert target in site, f"{name}: {link}"
            assert not fragment or fragment in readers[target].values("id"), f"{name}: {link}"


def test_every_page_is_linked() -> None:
    site = built_site(FIELD, changes=some_changes(FIELD))
    linked = {
        os.path.normpath(Path(name).parent / link.partition("#")[0])
        for name, page in pages_of(site).items()
        for link in page.values("href")
    }
    assert {name for name in site if name.endswith(".html")} - linked == {"404.html"}


def test_pages_ask_nobody_else_and_run_one_script_at_most() -> None:
    for name, page in pages_of(built_site(FIELD)).items():
        policy = next(tag for tag in page.tags if tag[1].get("http-equiv") == "Content-Security-Policy")[1]["content"]
        assert "default-src 'none'" in str(policy)
        assert "unsafe" not in str(policy)
        assert {tag for tag, _ in page.tags}.isdisjoint({"style", "iframe", "object", "form", "base"}), name
        scripts = [attributes for tag, attributes in page.tags if tag == "script"]
        assert all(part.get("src") == "board.js" or part.get("type") == "application/ld+json" for part in scripts)
        assert len(scripts) <= 1
        for tag, attributes in page.tags:
            assert not any(key == "style" or key.startswith("on") for key in attributes), (name, tag)
            if tag in ("link", "img", "script"):
                assert ":" not in str(attributes.get("href", attributes.get("src", "")))


def test_ids_are_unique_and_charts_have_names() -> None:
    for page in pages_of(built_site(FIELD)).values():
        ids = page.values("id")
        assert len(ids) == len(set(ids))
        for tag, attributes in page.tags:
            if tag == "svg":
                assert attributes.get("aria-hidden") == "true" or attributes.get("aria-label")


def test_links_of_contributors_carry_no_weight() -> None:
    page = PageReader(built_site(RUNS)[f"runs/{RUNS[0].id}.html"])
    links = [found for tag, found in page.tags if tag == "a" and str(found["href"]).startswith("https:")]
    assert [link["rel"] for link in links] == ["nofollow ugc noopener"]


@pytest.mark.parametrize("name", ["index.html", "skills.html", "agents.html"])
def test_an_empty_track_has_a_page_that_says_so(name: str) -> None:
    assert "No scored run on this track yet." in PageReader(built_site([])[name]).words


def test_tracks_are_boards_of_their_own() -> None:
    skill = make_run(replace(facts("skilled"), entry=replace(facts("skilled").entry, track="skills")))
    site = built_site([*RUNS, skill])
    assert f"runs/{skill.id}.html" in PageReader(site["skills.html"]).values("href")
    assert f"runs/{skill.id}.html" not in PageReader(site["index.html"]).values("href")


def test_a_long_board_is_parted_into_pages() -> None:
    many = [run(f"e{number:03}", rates=(0.2, 0.5), seed=number % 7) for number in range(203)]
    site = rendered(source(many, documents=()))
    pages = [PageReader(site[name]) for name in ("index.html", "environments-2.html")]
    rows = [
        [link for link in dict.fromkeys(page.values("href")) if link.startswith("runs/") and "#" not in link]
        for page in pages
    ]
    assert [len(found) for found in rows] == [200, 3]
    board = json.loads(site["api/v1/leaderboard.json"])
    assert [*rows[0], *rows[1]] == [f"runs/{row['run']}.html" for row in board["sections"][0]["rows"]]
    assert "environments-2.html" in pages[0].values("href")


def test_sentence_says_what_the_board_can_tell_apart() -> None:
    (section,) = build_board(FIELD, judge=judge).sections
    words = PageReader(built_site(FIELD)["index.html"]).words
    assert section.power is not None
    assert f"{100 * section.power.baseline_delta:.0f} pp over the baseline" in words.replace("\n", " ")
    level = sum(row.standing.level_with_first for row in section.rows if row.standing) - 1
    assert f"{level} entries cannot be told from the first" in words


def test_rows_of_one_rank_set_share_a_tier() -> None:
    site = built_site(FIELD)
    sets = [
        (row["standing"]["rank_low"], row["standing"]["rank_high"]) if row["standing"] else None
        for row in json.loads(site["api/v1/leaderboard.json"])["sections"][0]["rows"]
    ]
    new = [index == 0 or value != sets[index - 1] for index, value in enumerate(sets)]
    rows = [str(found.get("class", "")) for tag, found in PageReader(site["index.html"]).tags if tag == "tr"][2:-1]
    assert ["tier" in row for row in rows] == new


@pytest.mark.parametrize("blind", [False, True])
def test_banner_names_the_phase(blind: bool) -> None:
    words = PageReader(built_site(RUNS, phase=replace(PHASE, blind=blind))["index.html"]).words
    assert "Phase 1 · from 2026-11-01 to 2026-12-13 · Public sample with its interval." in words
    assert ("aliases" in words) is blind
    assert "Phase 1" not in PageReader(built_site(RUNS, phase=None)["index.html"]).words


def test_a_corpus_says_so_on_the_board_and_on_the_page_of_each_seed() -> None:
    runs = [run("paper-lantern", seed=seed, attempt=seed) for seed in (1, 2, 3)]
    site = built_site([*RUNS[:1], *runs])
    words = " ".join(PageReader(site["index.html"]).words.split())
    assert "of the corpus" in words
    assert "3 seeds" in words
    (section,) = build_board([*RUNS[:1], *runs], judge=judge).sections
    row = next(row for row in section.rows if row.seeds)
    assert row.corpus
    command = "--seeds " + " ".join(f"{digest.removeprefix('sha256:')[:16]}.json" for digest in row.corpus.entry[1:])
    for found in runs:
        page = _page_of(found, site)
        assert f"One of 3 seeds of one corpus, whose row on the board has them all: {points(row.delta)} pp" in page
        assert "Training seeds of the entry" in page
        assert command in page


def test_a_page_of_skills_speaks_of_no_training() -> None:
    made = facts("paper-lantern")
    found = make_run(replace(made, entry=replace(made.entry, track="skills")))
    assert "one frozen agent with these skills" in _page_of(found, built_site([found]))
    assert "one training seed" in _page_of(RUNS[0], built_site(RUNS[:1]))


def test_rows_without_a_page_are_shown_without_a_link() -> None:
    board = build_board(RUNS, judge=judge)
    page = PageReader(rendered(replace(source([]), board=board))["index.html"])
    assert [link for link in page.values("href") if link.startswith("runs/")] == []
    assert "Quiet harbour" in page.words


def test_withdrawn_and_flagged_rows_stand_apart_with_their_reasons() -> None:
    changes = some_changes(FIELD)
    site = built_site(FIELD, changes=changes)
    page = site["index.html"].decode()
    table, apart = page.split("Withdrawn and flagged")
    for change in changes[:2]:
        assert change.run not in table
        assert f"runs/{change.run}.html" in apart
        assert change.reason.replace("'", "&#39;") in apart
    assert "Withdrawn" in site[f"runs/{changes[0].run}.html"].decode()
    assert "<b>Note</b>" in site["changes.html"].decode()


def test_before_the_reveal_runs_are_aggregates_without_a_rank() -> None:
    sealed = [projected(value) for value in FIELD]
    board = build_board([], judge=judge, sealed=sealed)
    site = rendered(replace(source([]), board=board, runs=sealed))
    for name, data in site.items():
        assert b"T-0" not in data, name
    assert not any(name.startswith(("api/v1/evaluations/", "compare/")) for name in site)
    words = PageReader(site["index.html"]).words
    assert "ranks come with its reveal" in words
    assert points(FIELD[0].score.delta) in words
    page = _page_of(FIELD[0], site)
    assert "shown here once it is revealed" in page
    assert FIELD[0].score.entry_evaluation in page


def test_rewards_take_the_place_of_aggregates_after_the_reveal() -> None:
    sealed = [projected(value) for value in FIELD]
    assert build_board(FIELD, judge=judge, sealed=sealed) == build_board(FIELD, judge=judge)


def test_training_is_shown_in_groups_with_its_numbers_beside() -> None:
    page = _page_of(RUNS[0], built_site(RUNS[:1]))
    training = page[page.index('<h2 id="curves">') : page.index('<h2 id="trials">')]
    assert re.findall("<h4>(.*?)</h4>", training) == ["Learning", "Sampler and trainer", "Trials"]
    assert "failed <b" in training, "what never moved is a sentence, not a plot"
    titles = re.findall(r"<figcaption>(.*?)(?: <|<)", training)
    assert titles[:3] == ["loss", "mean reward", "pass rate"]
    assert not {"failed", "lost", "validation loss"} & set(titles)
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>', training)
    assert {"failed", "lost", "validation loss", *titles} == set(rows)
    assert training.count("checkpoint of step 80") == 2
    assert "kept: step 80" in training


def test_curves_of_older_runs_and_of_other_names_are_shown() -> None:
    older = replace(facts("slow-river"), curves=(_series("fruit", 1.0, 2.0), _series("loss", 3.0)), checkpoint_steps={})
    value = make_run(older)
    page = _page_of(value, built_site([value]))
    assert re.findall(r"<figcaption>(.*?)(?: <|<)", page)[-2:] == ["loss", "fruit"]
    assert "checkpoint of step" not in page


def _series(name: str, *values: float) -> Series:
    return Series(stage="sft", name=name, unit="", steps=tuple(range(len(values))), values=values)


def test_a_single_task_group_is_shown_without_an_interval() -> None:
    base, grpo = sample("base", 0.1, seed=0, n=3), sample("grpo", 0.9, seed=1, n=3)
    value = run("tiny", baseline=base, evaluations=(grpo,), curves=(), trials=())
    page = _page_of(value, built_site([value]))
    assert re.search("held-out family.*?<small>\N{EN DASH}</small>", page, re.DOTALL)


def test_variance_is_split_by_source() -> None:
    page = _page_of(FIELD[0], built_site(FIELD[:1]))
    split = page[page.index("Where the uncertainty comes from") : page.index('<h2 id="stages">')]
    shares = [float(share) for share in re.findall(r'<td class="num">(\d+\.\d)</td><td class="share">', split)]
    assert len(shares) == 3
    assert shares[0] + shares[1] == pytest.approx(100, abs=0.11)
    assert shares[2] == 100


def test_every_page_says_the_level_of_the_analysis() -> None:
    site = built_site(RUNS, level=0.9)
    for name, data in site.items():
        assert b"95%" not in data, name
    assert "90% interval" in PageReader(site["index.html"]).words
    assert "at the 10% level" in PageReader(site["index.html"]).words
    assert f"90% interval {span(RUNS[0].score.told)}" in _page_of(RUNS[0], site)
