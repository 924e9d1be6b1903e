"""The specification names every key of every file that contributors write, with the defaults and bounds that hold."""

from __future__ import annotations

import re

import pytest

from posttrain_arena.adapters.docker_engine.containers import OPEN_FILES_LIMIT, PIDS_LIMIT, WRITABLE_WHEN_WARM
from posttrain_arena.adapters.docker_engine.phases import WORKSPACE_LIMIT
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.pages.markdown import anchor
from posttrain_arena.core.check.pages.schemas_page import keys_of
from posttrain_arena.core.check.present import FORMATS
from posttrain_arena.core.check.rules.catalogue import SEVERITIES
from posttrain_arena.core.check.spot import MAX_FINDINGS_PER_RULE
from posttrain_arena.core.check.tree_listing import MAX_DEPTH, MAX_ENTRIES, MAX_FILE_BYTES, MAX_TOTAL_BYTES
from posttrain_arena.core.trial.reward import MAX_REWARD_BYTES
from posttrain_arena.model.documents import REPOSITORY_ROOT, load_schema
from posttrain_arena.model.places import VERIFIER_ENVIRONMENT

SPEC = (REPOSITORY_ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
COMPETITION = read_competition(REPOSITORY_ROOT / "competition.yaml")
SECTIONS = {
    "task": "### task.md: settings",
    "verifier": "#### verifier.md",
    "submission": "### submission.yaml",
    "skill": "### A skill",
    "agent": "### An agent",
}


def _section(heading: str) -> str:
    (start,) = [match.end() for match in re.finditer(rf"^{re.escape(heading)}$", SPEC, re.MULTILINE)]
    end = re.search(r"^#{2,4} ", SPEC[start:], re.MULTILINE)
    section = SPEC[start : start + end.start()] if end else SPEC[start:]
    return re.sub(r"^```.*?^```$", "", section, flags=re.MULTILINE | re.DOTALL)


def _rows(text: str) -> list[list[str]]:
    """Return the rows of a text's tables that start with code, which is the key."""
    lines = [line for line in text.splitlines() if re.match(r"\| `[^`]+` \|", line)]
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    return [[row[0].strip("`"), *row[1:]] for row in rows]


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_every_key_is_named_and_no_other(name: str) -> None:
    section = _section(SECTIONS[name])
    keys = {row[0].strip("`") for row in keys_of(load_schema(name))}
    assert keys <= set(re.findall(r"`([^`]+)`", section))
    assert {row[0] for row in _rows(section)} <= keys


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_defaults_and_requirements_are_those_of_the_schema(name: str) -> None:
    told = {row[0]: row for row in _rows(_section(SECTIONS[name]))}
    for key, _, required, default, *_ in keys_of(load_schema(name)):
        row = told.get(key.strip("`"))
        if row is not None and default:
            assert row[2] == default, key
        if row is not None and required and row[1] != "table":
            assert row[4].startswith("Required"), key


@pytest.mark.parametrize("name", COMPETITION.limits.__dataclass_fields__)
def test_ranges_are_those_of_the_competition(name: str) -> None:
    allowed = getattr(COMPETITION.limits, name)
    assert f"| {allowed.min:g} to {allowed.max:g} (`limits.{name}`) |" in SPEC


@pytest.mark.parametrize("track", COMPETITION.tracks.__dataclass_fields__)
def test_bounds_are_those_of_the_competition(track: str) -> None:
    bounds = getattr(COMPETITION.tracks, track)
    assert f"| `{track}` | {bounds.min} | {bounds.recommended} | {bounds.max} |" in SPEC


def test_variables_of_the_verifier_are_those_of_the_engine() -> None:
    section = _section("### verifier/")
    for name, value in VERIFIER_ENVIRONMENT.items():
        (line,) = [line for line in section.splitlines() if line.startswith("|") and f"`{name}`" in line]
        assert f"| `{value}` |" in line, name


def test_numbers_are_those_of_the_code() -> None:
    assert f"{PIDS_LIMIT} processes and {OPEN_FILES_LIMIT} open files" in SPEC
    assert f"at most {WORKSPACE_LIMIT >> 20} MB; nothing else" in SPEC
    assert f"at most {MAX_FILE_BYTES // 1_000_000} MB, a package at most {MAX_TOTAL_BYTES // 1_000_000} MB" in SPEC
    assert f"at most {MAX_ENTRIES} files and folders, at most {MAX_DEPTH} deep" in SPEC
    assert f"at most {MAX_REWARD_BYTES // 1024} kB" in SPEC
    assert f"at most {MAX_FINDINGS_PER_RULE} findings" in SPEC
    words = " ".join(SPEC.split())
    for folder in WRITABLE_WHEN_WARM:
        assert f"`{folder}`" in words


def test_every_format_is_told() -> None:
    assert set(re.findall(r"^\| `(\w+)`", _section("### Output"), re.MULTILINE)) == set(FORMATS)


def test_rules_that_are_named_exist() -> None:
    assert set(re.findall(r"rules\.md#([a-z-]+)", SPEC)) <= set(SEVERITIES)


def test_links_within_the_page_lead_to_its_headings() -> None:
    anchors = {anchor(title.replace("`", "")) for title in re.findall(r"^#+ (.+)$", SPEC, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", SPEC)) <= anchors


def test_page_is_found() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        text = (REPOSITORY_ROOT / page).read_text(encoding="utf-8")
        assert "docs/spec.md" in text
        assert "docs/rules.md" in text
