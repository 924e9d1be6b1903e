"""Make an entry of packages from the kit's families, check it and climb its whole ladder; print the wall time.

    .venv/bin/python tests/benchmarks/entry_of_families.py --packages 100

Needs a Docker engine with the base image, and some seconds a package. Exits 0 only where nothing was found: no error,
no warning, no duplicate, and every package passed every step.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.model.documents import read_document
from posttrain_arena.model.report import Report

ARENA = str(Path(sys.executable).parent / "arena")
TINY = "copy-"
"""How the names of the families begin that are for the tiny model of the demo."""

MANIFEST = """\
team_name: Families
contact_email: kit@posttrain-arena.org
track: environments
title: Packages from the families of the starting kit
license: CC-BY-4.0 AND Apache-2.0
members: [PostTrain Arena maintainers]
"""


def family_names() -> list[str]:
    """Return the families that are made for a real model."""
    names = (path.parent.name for path in FAMILIES.glob("*/family.yaml"))
    return sorted(name for name in names if not name.startswith(TINY))


def make_entry(entry: Path, packages: int) -> None:
    """Write an entry with as many packages, spread evenly over the families."""
    entry.mkdir(parents=True)
    (entry / "submission.yaml").write_text(MANIFEST, encoding="utf-8")
    names = family_names()
    for place, name in enumerate(names):
        count = packages // len(names) + (place < packages % len(names))
        command = [ARENA, "new", "env", "--family", name, "--count", str(count), "--entry", str(entry)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def check(entry: Path, level: str) -> tuple[Report, float]:
    """Return the report on an entry, checked anew, and the seconds it took."""
    out, began = entry.parent / f"{level}.json", time.perf_counter()
    command = [ARENA, "check", str(entry), "--level", level, "--forget", "--out", str(out)]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return read_document(out, Report), time.perf_counter() - began


def verdict(report: Report, packages: int) -> list[str]:
    """Return what keeps the report from being spotless, a line for each thing."""
    told = [f"{found.path}: {found.what} [{found.rule}]" for one in report.subjects for found in one.findings]
    kinds = [subject.kind for subject in report.subjects]
    if kinds.count("package") != packages:
        told.append(f"{kinds.count('package')} packages were checked, not {packages}")
    return told if report.outcome == "passed" else [*told, f"the outcome is {report.outcome}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, check, climb; print a line for each, and what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=int, default=100, help="default 100")
    packages = parser.parse_args(arguments).packages
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        entry = Path(folder) / "families"
        began = time.perf_counter()
        make_entry(entry, packages)
        families = len(family_names())
        print(f"made {packages} packages of {families} families in {time.perf_counter() - began:.1f} s", flush=True)
        for level in ("structural", "publication-grade"):
            report, seconds = check(entry, level)
            found = verdict(report, packages)
            wrong += found
            trials = f", {report.counts.trials} trials" if report.counts.trials else ""
            print(f"{level}: {seconds:.0f} s{trials}, {len(found)} findings", flush=True)
    for line in wrong:
        print(line)
    outcome, wall = "FAILED" if wrong else "passed", time.perf_counter() - began
    print(f"{outcome}: an entry of {packages} packages from {families} families, {wall:.0f} s in all")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
