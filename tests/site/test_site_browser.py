"""Chromium shows every row without a script, and nothing scrolls sideways at 360 px; `make test-site` looks closer."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from site_fields import built_site
from synthetic_runs import run

from posttrain_arena.cli.site import make_server
from posttrain_arena.core.leaderboard.board import build_board
from posttrain_arena.core.scoring.standings import judge
from posttrain_arena.core.site.write import write_site

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")]

RUNS = [run(name, rates=(0.3, rate), seed=seed) for seed, (name, rate) in enumerate([("first", 0.9), ("second", 0.5)])]
RUNS.append(run("a" * 64, seed=7, exhibition="a name as long as names may be " * 10))
LOOK = """<!doctype html><title>?</title><body><script>
const seen = {};
const pages = PAGES;
let left = pages.length;
for (const page of pages) {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-same-origin";  // and so without scripts
  frame.width = 360; frame.height = 800; frame.src = page;
  frame.onload = () => {
    const shown = frame.contentDocument;
    const rows = [...shown.querySelectorAll(".board tbody th a")].filter((link) => link.getClientRects().length);
    const root = shown.documentElement;
    seen[page] = {needed: root.scrollWidth, given: root.clientWidth, rows: rows.map((link) => link.pathname)};
    if (--left === 0) document.title = JSON.stringify(seen);
  };
  document.body.append(frame);
}
</script>"""
"""Opens each page in a frame of 360 px with scripts off, and writes what it shows into its own title."""


def _dump(url: str, profile: Path) -> str:
    assert CHROMIUM is not None
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    command = [CHROMIUM, *flags, f"--user-data-dir={profile}", "--virtual-time-budget=8000", "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """Return what Chromium shows of each page."""
    out = tmp_path_factory.mktemp("browser") / "site"
    write_site([built_site(RUNS).items], out)
    pages = ["index.html", *(f"runs/{value.id}.html" for value in RUNS)]
    (out / "look.html").write_text(LOOK.replace("PAGES", json.dumps(pages)))
    with make_server(out, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        dom = _dump(f"http://127.0.0.1:{server.server_port}/look.html", tmp_path_factory.mktemp("profile"))
        server.shutdown()
    title = re.search(r"<title>(.*?)</title>", dom)
    assert title is not None
    found = json.loads(html.unescape(title.group(1)))
    assert set(found) == set(pages)
    return found


def test_rows_are_shown_without_javascript(seen: dict[str, dict]) -> None:
    rows = build_board(RUNS, judge=judge).sections[0].rows
    assert seen["index.html"]["rows"] == [f"/runs/{row.run}.html" for row in rows]


def test_nothing_scrolls_sideways_at_360_pixels(seen: dict[str, dict]) -> None:
    assert {page["given"] for page in seen.values()} <= set(range(330, 361))
    assert {name: page for name, page in seen.items() if page["needed"] > page["given"]} == {}
