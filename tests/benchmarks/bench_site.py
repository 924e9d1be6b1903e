"""Time `arena site build` on a leaderboard of 1,000 entries with 100 tasks and 4 trials each, and weigh the first load.

    .venv/bin/python tests/benchmarks/bench_site.py [--entries N]

The leaderboard is written to a temporary folder first, through the models that write real ones. What is timed is the
whole command, in a new process: reading and checking every run, scoring, ranks, comparisons, every page and file. Exits
0 only where every figure keeps its limit.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from site_fields import field

from posttrain_arena.core.leaderboard.store import run_path
from posttrain_arena.model.documents import encode, to_document

ARENA = str(Path(sys.executable).parent / "arena")
SECONDS = 10.0
FIRST_LOAD = {24: 10_000, 200: 30_000}
PARTS = ("index.html", "style.css", "board.js", "icon.svg")


def write_leaderboard(folder: Path, entries: int) -> Path:
    """Write so many runs as the collector would, and return the folder."""
    for run in field(entries):
        path = run_path(folder, run.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(to_document(run)))
    return folder


def build(leaderboard: Path, out: Path) -> float:
    """Return the wall seconds of the command."""
    started = time.perf_counter()
    command = [ARENA, "site", "build", "--leaderboard", str(leaderboard), "--out", str(out), "--day", "2026-11-21"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def first_load(site: Path) -> int:
    """Return the bytes of the front page and what it asks for, as a server compresses them."""
    return sum(len(gzip.compress((site / name).read_bytes(), 6)) for name in PARTS)


def main() -> int:
    """Print the figures; 1 where one misses its limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1000)
    entries = parser.parse_args().entries
    kept = True
    with tempfile.TemporaryDirectory() as place:
        for size, limit in FIRST_LOAD.items():
            folder = write_leaderboard(Path(place) / f"{size}", size)
            build(folder, Path(place) / f"site-{size}")
            weight = first_load(Path(place) / f"site-{size}")
            kept &= weight <= limit
            print(f"first load at {size} entries: {weight:,} bytes gzip, limit {limit:,}")
        folder = write_leaderboard(Path(place) / "many", entries)
        times = sorted(build(folder, Path(place) / f"site-{turn}") for turn in range(3))
        files = sum(1 for path in (Path(place) / "site-0").rglob("*") if path.is_file())
    kept &= times[1] <= SECONDS
    print(f"site of {entries} entries: {times[1]:.1f} s ({files} files), limit {SECONDS:.0f} s")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
