"""The tree keeps the rules of docs/design.md that a linter does not know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from posttrain_arena.model.documents import REPOSITORY_ROOT

LONGEST_MODULE = 300
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
SHADOWING = {"evaluate", "train", "site"}
"""A script's own folder comes first on Python's path: these names would hide the libraries of the same name."""
OWN = ("scripts", "tests", "starting-kit", "sky")


def _files(*endings: str) -> list[Path]:
    found = (path for top in OWN for path in (REPOSITORY_ROOT / top).rglob("*"))
    return sorted(path for path in found if path.suffix in endings and ".egg-info" not in str(path))


def _name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY_ROOT))


MODULES = _files(".py", ".sh", ".bash")
PAGES = [*REPOSITORY_ROOT.glob("*.md"), *(REPOSITORY_ROOT / "docs").rglob("*.md"), *_files(".md")]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


DATA = "generate.py"
"""A generator beside a package holds its data as text, one piece for each rule of the task."""


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != DATA], ids=_name)
def test_module_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_module_says_what_it_is(path: Path) -> None:
    assert VAGUE.isdisjoint(path.stem.lower().split("_"))


def test_no_script_hides_a_library() -> None:
    scripts = {path.stem for path in (REPOSITORY_ROOT / "scripts").glob("*.py")}
    assert scripts.isdisjoint(SHADOWING)


def test_no_package_hides_skypilot() -> None:
    assert not (REPOSITORY_ROOT / "sky/__init__.py").exists()


def test_readme_is_short() -> None:
    assert len((REPOSITORY_ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_links_to_files_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{_name(path)} links to {target}"
