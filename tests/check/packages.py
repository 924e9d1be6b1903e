"""Make packages for the tests of the checker."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.read import check_package
from posttrain_arena.model import documents
from posttrain_arena.model.finding import Finding

SOUND = Path(__file__).parents[1] / "examples" / "tasks" / "sound"
COMPETITION = read_competition(documents.REPOSITORY_ROOT / "competition.yaml")


def sound_package(folder: Path) -> Path:
    """Copy the sound package to ``folder``."""
    shutil.copytree(SOUND, folder)
    return folder


def findings_of(package: Path) -> tuple[Finding, ...]:
    """Check a package at level structural."""
    return check_package(package, root=package.parent, competition=COMPETITION, level="structural").findings


def rules_of(package: Path) -> set[str]:
    """Return the ids of the rules that a package breaks."""
    return {finding.rule for finding in findings_of(package)}


WORDS = [f"{a}{b}" for a in ("ka", "lo", "mi", "nu", "re") for b in ("ban", "dor", "fel", "gis", "hum", "jat")]


def prose(seed: int, words: int = 120) -> str:
    """Return words that no other seed gives in that order."""
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def with_prompt(package: Path, prompt: str) -> Path:
    """Replace a package's prompt."""
    task = package / "task.md"
    task.write_text(task.read_text().split("## prompt")[0] + f"## prompt\n\n{prompt}\n")
    return package
