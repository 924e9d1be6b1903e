"""The site's files: the same from the same runs, safe with hostile text, complete without a script."""

from __future__ import annotations

import html.parser
import json
import os
import re
import threading
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from synthetic_runs import facts, run, sample

from posttrain_arena.cli import results
from posttrain_arena.cli.main import main
from posttrain_arena.cli.site import make_server
from posttrain_arena.core.leaderboard.board import build_board
from posttrain_arena.core.scoring.ranks import judge
from posttrain_arena.core.site.build import FILE_LIST, render, write_site
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import encode, to_document
from posttrain_arena.model.leaderboard_run import Series
from posttrain_arena.model.score import Score

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>|\u202e\x07 {{ 7 * 7 }} " + "W" * 100
RUNS = [
    run("quiet-harbour", rates=(0.3, 0.9), seed=1),
    run("paper-lantern", rates=(0.3, 0.5), seed=2),
    run("slow-river", rates=(0.2, 0.1), seed=4),
    run("demo", rates=(0.2, 0.95), seed=5, exhibition="the project's own entry"),
]


class _Reader(html.parser.HTMLParser):
    """Collect ids, links and resources, and check that tags close in order."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page.decode())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]


def _site(runs) -> dict[str, bytes]:
    return render(build_board(runs, judge=judge), runs)


def _pages(site: dict[str, bytes]) -> dict[str, _Reader]:
    return {name: _Reader(data) for name, data in site.items() if name.endswith(".html")}


def test_pages_are_the_golden_ones(golden) -> None:
    site = _site(RUNS[:2])
    golden("site/index.html", site["index.html"])
    golden("site/run.html", site[f"runs/{RUNS[0].id}.html"])
    golden("site/empty.html", _site([])["index.html"])


def test_two_builds_are_equal_whatever_the_order() -> None:
    assert _site(RUNS) == _site(RUNS[::-1])


def test_data_is_what_the_pages_were_built_from() -> None:
    site = _site(RUNS)
    board = json.loads(site["api/v1/leaderboard.json"])
    assert site["api/v1/leaderboard.json"] == encode(to_document(build_board(RUNS, judge=judge)))
    page = _Reader(site["index.html"])
    linked = [value for value in page.values("href") if value.startswith("runs/")]
    assert linked == [f"runs/{row['run']}.html" for row in board["sections"][0]["rows"]]
    for value in RUNS:
        assert site[f"api/v1/runs/{value.id}.json"] == encode(to_document(value))


def test_published_evaluations_give_the_published_score(tmp_path: Path) -> None:
    write_site(_site(RUNS[:1]), tmp_path / "site")
    folder, out = tmp_path / "site/api/v1/runs" / RUNS[0].id, tmp_path / "score.json"
    command = ["score", str(folder / "evaluation.json"), str(folder / "baseline.json"), "--out", str(out)]
    assert main(command) == 0
    assert json.loads(out.read_bytes()) == to_document(RUNS[0].score)
    assert RUNS[0].score.SCHEMA == Score.SCHEMA


def test_every_link_leads_somewhere() -> None:
    site = _site(RUNS)
    readers = _pages(site)
    for name, page in readers.items():
        folder = Path(name).parent
        for link in (*page.values("href"), *page.values("src")):
            if link.startswith("https://example.org/"):
                continue
            path, _, fragment = link.partition("#")
            target = str(os.path.normpath(folder / path)) if path else name
            assert target in site, f"{name}: {link}"
            assert not fragment or fragment in readers[target].values("id"), f"{name}: {link}"


def test_pages_ask_nobody_else_and_hold_no_script_or_inline_style() -> None:
    for name, page in _pages(_site(RUNS)).items():
        policy = next(tag for tag in page.tags if tag[1].get("http-equiv") == "Content-Security-Policy")
        assert "default-src 'none'" in str(policy[1]["content"])
        assert {tag for tag, _ in page.tags}.isdisjoint({"script", "style", "iframe", "object", "form", "base"}), name
        for tag, attributes in page.tags:
            assert not any(key == "style" or key.startswith("on") for key in attributes), (name, tag)
            if tag in ("link", "img"):
                assert ":" not in str(attributes.get("href", attributes.get("src")))


def test_ids_are_unique_and_charts_have_names() -> None:
    for page in _pages(_site(RUNS)).values():
        ids = page.values("id")
        assert len(ids) == len(set(ids))
        for tag, attributes in page.tags:
            if tag == "svg":
                assert attributes.get("aria-hidden") == "true" or attributes.get("aria-label")


def _hostile_run():
    base = facts("mallory")
    entry = replace(base.entry, title=HOSTILE, team=HOSTILE, url="javascript:alert(1)")
    stages = tuple(
        replace(side, tasks=tuple(replace(task, group=HOSTILE[:90], domain=HOSTILE[:80]) for task in side.tasks))
        for side in (base.baseline, *base.evaluations)
    )
    curves = tuple(replace(series, name=HOSTILE[:90], unit=HOSTILE[:30], stage=HOSTILE[:90]) for series in base.curves)
    trials = tuple(replace(stats, stage=HOSTILE[:90]) for stats in base.trials)
    return results.make_run(
        replace(
            base,
            entry=entry,
            baseline=stages[0],
            evaluations=stages[1:],
            exhibition=HOSTILE,
            hardware=HOSTILE,
            curves=curves,
            trials=trials,
            versions={HOSTILE[:90]: HOSTILE[:90]},
            wall_sec={HOSTILE[:90]: 1.0},
        )
    )


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    hostile = _hostile_run()
    results.add_run(hostile, tmp_path)
    site = _site([*RUNS, hostile])
    for name, page in _pages(site).items():
        assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img"}), name
        assert not any(value.startswith("javascript:") for value in page.values("href"))
        shown = "".join(page.text) + "".join(page.values("title"))
        assert "\u202e" not in shown
        assert "\x07" not in shown
        assert "W" * 120 not in shown
    page = _Reader(site[f"runs/{hostile.id}.html"])
    assert any("<script>alert(1)</script>" in text for text in page.text)
    assert "{{ 7 * 7 }}" in "".join(page.text)


def test_links_of_contributors_carry_no_weight() -> None:
    page = _Reader(_site(RUNS)[f"runs/{RUNS[0].id}.html"])
    (link,) = [
        attributes for tag, attributes in page.tags if tag == "a" and str(attributes["href"]).startswith("https:")
    ]
    assert link["rel"] == "nofollow ugc noopener"


def test_empty_tracks_say_so() -> None:
    text = "".join(_Reader(_site([])["index.html"]).text)
    assert text.count("No scored run on this track yet.") == 3


def test_training_is_shown_in_groups_with_its_numbers_beside() -> None:
    page = _site(RUNS[:1])[f"runs/{RUNS[0].id}.html"].decode()
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
    page = _site([results.make_run(older)])
    (run_page,) = [data.decode() for name, data in page.items() if name.startswith("runs/")]
    assert re.findall(r"<figcaption>(.*?)(?: <|<)", run_page)[-2:] == ["loss", "fruit"]
    assert "checkpoint of step" not in run_page


def _series(name: str, *values: float) -> Series:
    return Series(stage="sft", name=name, unit="", steps=tuple(range(len(values))), values=values)


def test_a_single_task_group_is_shown_without_an_interval() -> None:
    base, grpo = sample("base", 0.1, seed=0, n=3), sample("grpo", 0.9, seed=1, n=3)
    value = run("tiny", baseline=base, evaluations=(grpo,), curves=(), trials=())
    page = _site([value])[f"runs/{value.id}.html"].decode()
    assert re.search("held-out family.*?<small>\N{EN DASH}</small>", page, re.DOTALL)


def test_site_command_builds_replaces_and_keeps_others_files(tmp_path: Path, capsys) -> None:
    board, out = tmp_path / "leaderboard", tmp_path / "site"
    path = results.add_run(RUNS[0], board)
    command = ["site", "build", "--leaderboard", str(board), "--out", str(out)]
    assert main(command) == 0
    assert (out / f"runs/{RUNS[0].id}.html").is_file()
    (out / "mine.txt").write_text("kept")
    path.unlink()
    assert main(command) == 0
    assert not (out / f"runs/{RUNS[0].id}.html").exists()
    assert (out / "mine.txt").read_text() == "kept"
    assert str(out / "index.html") in capsys.readouterr().out


def test_a_folder_with_other_files_is_never_built_into(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(UsageError, match="not a built site"):
        write_site(_site([]), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_forged_file_list_removes_nothing_outside(tmp_path: Path) -> None:
    victim, out = tmp_path / "victim.txt", tmp_path / "site"
    victim.write_text("kept")
    out.mkdir()
    (out / FILE_LIST).write_text("../victim.txt\n")
    write_site(_site([]), out)
    assert victim.read_text() == "kept"


def test_serve_answers_on_this_machine_only(tmp_path: Path) -> None:
    write_site(_site(RUNS[:1]), tmp_path / "site")
    with make_server(tmp_path / "site", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert server.server_address[0] == "127.0.0.1"
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/") as answer:
            assert answer.read() == (tmp_path / "site/index.html").read_bytes()
        with pytest.raises(UsageError, match="choose another --port"):
            make_server(tmp_path / "site", server.server_port)
        server.shutdown()


def test_serve_wants_a_built_site(tmp_path: Path, capsys) -> None:
    assert main(["site", "serve", "--out", str(tmp_path)]) == 2
    assert "arena site build" in capsys.readouterr().err
