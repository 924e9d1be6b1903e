"""Every page type in Chromium, light and dark, and under the checkers of its markup; `make test-site` fetches them."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from agents_fields import FLAGGED, agents_board, cell
from page_reader import PageReader
from site_fields import built_site, field, rendered, some_changes, source

from posttrain_arena.cli.site import _documents, make_server
from posttrain_arena.core.leaderboard.board import build_board
from posttrain_arena.core.leaderboard.sealed import projected
from posttrain_arena.core.scoring.standings import judge
from posttrain_arena.core.site.write import write_site
from posttrain_arena.model.documents import REPOSITORY_ROOT

HERE = Path(__file__).parent
TOOLS = REPOSITORY_ROOT / ".arena" / "web"
CHROMIUM = "/usr/bin/chromium"
pytestmark = [pytest.mark.browser]

FIELD = field(24)
SEALED = [projected(run) for run in field(2, tasks=24, seed=5, suite="sealed")]
BOARD = build_board(FIELD, judge=judge, changes=some_changes(FIELD), sealed=SEALED)
AGENTS = agents_board(
    *(cell(model, name, attempt=at) for model in "ab" for name in ("sums", "words") for at in (1, 2)),
    cell("a", "sums", 0.9, agent="copier", id="copier-1", reason="audit-flagged", why="answer-key", audit=FLAGGED),
)
SHOWN = ("ranked", "exhibition")
ENTRIES = [row.run for row in BOARD.sections[0].rows if row.status in SHOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A site in a folder and at an address, with one page of each type."""

    files: dict[str, bytes]
    folder: Path
    address: str
    types: tuple[str, ...]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a site of 24 entries, two of them aside, with runs of a sealed suite and the real documentation."""
    folder = tmp_path_factory.mktemp("gates") / "site"
    files = rendered(source([*FIELD, *SEALED], board=BOARD, agents=AGENTS, documents=_documents()))
    write_site([files.items], folder)
    types = (
        *(
            "index.html",
            "skills.html",
            "agents.html",
            "compare.html",
            "changes.html",
            "data.html",
            "404.html",
        ),
        *("docs/index.html", "docs/spec.html", "docs/rules.html", "docs/operators.html", f"runs/{ENTRIES[0]}.html"),
        *(f"runs/{FIELD[-1].id}.html", f"runs/{SEALED[0].id}.html"),
        next(name for name in sorted(files) if name.startswith("compare/")),
    )
    with make_server(folder, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Served(files=files, folder=folder, address=f"http://127.0.0.1:{server.server_port}/", types=types)
        server.shutdown()


@pytest.fixture(scope="module")
def seen(served: Served) -> dict[str, Any]:
    """Return what Chromium saw."""
    told = json.dumps({"pages": served.types, "board": "index.html"})
    command = ["node", str(HERE / "browser.mjs"), str(TOOLS), served.address]
    done = subprocess.run(command, input=told, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _validate(paths: list[Path], out: Path) -> list[dict[str, Any]]:
    command = [str(TOOLS / "node_modules/.bin/html-validate"), "--config", str(HERE / "htmlvalidate.json")]
    subprocess.run(
        [*command, "--formatter", f"json={out}", *map(str, paths)], capture_output=True, text=True, check=False
    )
    found: list[dict[str, Any]] = json.loads(out.read_text())
    return found


def test_markup_is_valid(served: Served, tmp_path: Path) -> None:
    faults = [
        f"{Path(result['filePath']).name}:{fault['line']} {fault['ruleId']}: {fault['message']}"
        for result in _validate([served.folder / name for name in served.types], tmp_path / "found.json")
        for fault in result["messages"]
    ]
    assert faults == []


def test_the_checker_of_the_markup_would_notice(tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text("<!doctype html><html><body><p><div></p><img src=x></body></html>")
    assert _validate([tmp_path / "wrong.html"], tmp_path / "found.json")[0]["messages"]


def test_axe_finds_nothing_in_light_and_dark_wide_and_narrow(seen: dict[str, Any], served: Served) -> None:
    assert len(seen["axes"]) == 4 * len(served.types)
    assert {name: found for name, found in seen["axes"].items() if found} == {}


def test_rows_without_a_script_are_the_rows_of_the_data(seen: dict[str, Any], served: Served) -> None:
    rows = json.loads(served.files["api/v1/leaderboard.json"])["sections"][0]["rows"]
    shown = [f"runs/{row['run']}.html" for row in rows if row["status"] in SHOWN]
    assert seen["plain"] == seen["sorted"]["first"] == shown


def test_sorting_reorders_and_loses_nothing(seen: dict[str, Any]) -> None:
    by = {row.run: row for row in BOARD.sections[0].rows}
    found = seen["sorted"]

    def lifts(rows: list[str]) -> list[float]:
        return [round(by[link.removeprefix("runs/").removesuffix(".html")].delta, 3) for link in rows]

    assert lifts(found["lift"]) == sorted(lifts(found["first"]), reverse=True)
    assert lifts(found["turned"]) == sorted(lifts(found["first"]))
    assert (found["sort"], found["address"]) == ("descending", "?sort=lift")
    assert found["entry"] == sorted(found["entry"])
    assert found["rank"] == found["first"]


def test_searching_hides_the_rest_and_says_how_many(seen: dict[str, Any]) -> None:
    rows = [link for link in seen["sorted"]["first"] if "anchor" in link]
    assert 0 < len(rows) < len(seen["sorted"]["first"])
    assert seen["sorted"]["found"] == rows
    every = [row.entry.name for section in BOARD.sections for row in section.rows if row.status in SHOWN]
    assert seen["sorted"]["told"] == f"{sum('anchor' in name for name in every)} of {len(every)} shown"
    assert seen["sorted"]["deep"] == "?q=anchor"


def test_an_address_brings_the_order_and_the_search_back(seen: dict[str, Any]) -> None:
    assert seen["deep"]["rows"] == [link for link in seen["sorted"]["turned"] if "anchor" in link]
    assert (seen["deep"]["q"], seen["deep"]["s"]) == ("anchor", "lift")
    assert seen["wrong"] == {"problems": [], "rows": [], "tags": 0}


def test_nothing_scrolls_sideways_at_360_pixels(seen: dict[str, Any]) -> None:
    assert {name: found for name, found in seen["narrow"].items() if found[0] > found[1]} == {}


def test_keyboard_reaches_everything_and_shows_where_it_is(seen: dict[str, Any]) -> None:
    stops = seen["keyboard"]["stops"]
    assert stops[0]["name"] == "Skip to content"
    assert all(stop["seen"] and stop["ring"] for stop in stops), [stop for stop in stops if not stop["seen"]]
    reached = [stop["name"] for stop in stops] + [stop["id"] for stop in stops]
    for name in ("Board", "Compare", "Skills", "q", "s", "Rank", "Lift pp"):
        assert name in reached
    assert seen["keyboard"]["sort"] == "descending"
    assert seen["keyboard"]["found"] == len(seen["sorted"]["found"])


def test_pages_load_with_few_requests_from_nobody_else_and_stand_still(seen: dict[str, Any], served: Served) -> None:
    host = urlsplit(served.address).netloc
    for name, load in seen["loads"].items():
        assert {urlsplit(url).netloc for url in load["requests"]} == {host}, name
        assert len(load["requests"]) <= 5, (name, load["requests"])
        assert load["problems"] == [], name
        assert load["shifted"] < 0.05, name
    assert seen["deep"]["shifted"] < 0.05


@pytest.mark.parametrize(("entries", "limit"), [(24, 10_000), (200, 30_000)])
def test_first_load_is_light(entries: int, limit: int, record_property) -> None:
    files = built_site(field(entries) if entries != len(FIELD) else FIELD)
    page = PageReader(files["index.html"])
    parts = {name for name in (*page.values("href"), *page.values("src")) if name.endswith((".css", ".js", "icon.svg"))}
    assert {"style.css", "board.js"} <= parts
    size = sum(len(gzip.compress(files[name], 6)) for name in ("index.html", *parts))
    record_property("figure", f"first load at {entries} entries: {size:,} bytes gzip, limit {limit:,}")
    assert size <= limit


@pytest.mark.parametrize("kind", ["board", "run", "doc"])
def test_lighthouse_gives_full_marks(kind: str, served: Served, tmp_path: Path) -> None:
    page = {"board": "index.html", "run": f"runs/{ENTRIES[0]}.html", "doc": "docs/spec.html"}[kind]
    out = tmp_path / "report.json"
    command = [
        *(str(TOOLS / "node_modules/.bin/lighthouse"), served.address + page, "--quiet", "--output=json"),
        *(f"--output-path={out}", "--only-categories=accessibility,best-practices,seo,performance"),
        "--chrome-flags=--headless=new --no-sandbox",
    ]
    environment = os.environ | {"CHROME_PATH": CHROMIUM}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(out.read_text())
    failed = [name for name, audit in report["audits"].items() if audit["score"] not in (None, 1)]
    marks = {name: found["score"] for name, found in report["categories"].items()}
    assert {name: marks[name] for name in ("accessibility", "best-practices", "seo")} == {
        "accessibility": 1,
        "best-practices": 1,
        "seo": 1,
    }, failed
    assert report["audits"]["cumulative-layout-shift"]["numericValue"] < 0.05
