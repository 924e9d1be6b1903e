"""Plan the release again from the repository as it was, and compare manifest by manifest, log by log."""

import json
import os
from pathlib import Path

import pytest

BEFORE = Path("/srv/lumen")
WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")).resolve()
AFTER = WORKSPACE / "lumen"
ENDLESS = (10**9,)
SIZES = ("none", "patch", "minor", "major")


def version(text):
    """Return a version as a triple."""
    first, second, third = text.split(".")
    return int(first), int(second), int(third)


def written(triple):
    """Return the text of a version."""
    return ".".join(str(number) for number in triple)


def span(text):
    """Return the first version that a range allows, and the first after it that it does not."""
    text = text.removeprefix("workspace:")
    if text in ("*", "^", "~"):
        return (), ENDLESS
    if text.startswith(">="):
        return version(text[2:]), ENDLESS
    low = version(text.lstrip("^~"))
    if text[0] == "~":
        return low, (low[0], low[1] + 1)
    if text[0] != "^":
        return low, (*low, 1)
    if low[0]:
        return low, (low[0] + 1,)
    return low, ((0, low[1] + 1) if low[1] else (0, 0, low[2] + 1))


def after_bump(triple, size):
    """Return the version that a bump of 1 (patch) to 3 (major) leads to."""
    place = 3 - size + (triple[0] == 0 and size > 1)
    return (*triple[:place], triple[place] + 1, *(0, 0, 0)[place + 1 :])


def packages():
    """Return name → (folder, manifest) of the workspaces."""
    found = {}
    for pattern in json.loads((BEFORE / "package.json").read_text(encoding="utf-8"))["workspaces"]:
        for path in sorted(BEFORE.glob(f"{pattern}/package.json")):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found[manifest["name"]] = path.parent.relative_to(BEFORE).as_posix(), manifest
    return found


def fragments():
    """Return (package, size of the bump, text) for all that the fragments say, by the names of their files."""
    said = []
    names = sorted(path.name for path in (BEFORE / ".changes").iterdir())
    for name in names:
        if name.endswith(".md") and name != "README.md":
            lines = (BEFORE / ".changes" / name).read_text(encoding="utf-8").splitlines()
            end = lines.index("---", 1)
            text = " ".join(" ".join(lines[end + 1 :]).split())
            for line in lines[1:end]:
                package, _, bump = line.rpartition(":")
                said.append((package.strip(" \"'"), SIZES.index(bump.strip()), text))
    return said


PACKAGES, SAID = packages(), fragments()


def plan():
    """Return name → new version; a bump is followed into every package that it is felt in."""
    sizes = {}
    waiting = [(package, size) for package, size, _ in SAID]
    while waiting:
        name, size = waiting.pop()
        manifest = PACKAGES[name][1]
        if size <= sizes.get(name, 0) or manifest.get("private", False):
            continue
        sizes[name] = size
        new = after_bump(version(manifest["version"]), size)
        for other, (_, theirs) in PACKAGES.items():
            for table, felt in (("dependencies", 1), ("peerDependencies", 3)):
                low, end = span(theirs.get(table, {}).get(name, "*"))
                if not low <= new < end:
                    waiting.append((other, felt))
    return {name: after_bump(version(PACKAGES[name][1]["version"]), size) for name, size in sizes.items()}


PLAN = plan()


def with_new_ranges(table):
    """Return a table of ranges as it must be, and which packages changed in it."""
    new, changed = dict(table), set()
    for name, wanted in table.items():
        low, end = span(wanted) if name in PLAN else ((), ENDLESS)
        if name in PLAN and not low <= PLAN[name] < end:
            new[name] = wanted[: len(wanted) - len(wanted.lstrip("workspace:^~>="))] + written(PLAN[name])
            changed.add(name)
    return new, changed


def expected_manifest(name):
    """Return a manifest as it must be."""
    manifest = dict(PACKAGES[name][1])
    if name in PLAN:
        manifest["version"] = written(PLAN[name])
    for table in ("dependencies", "peerDependencies", "devDependencies"):
        if table in manifest:
            manifest[table] = with_new_ranges(manifest[table])[0]
    return manifest


def expected_log(name):
    """Return the lines of a changelog as it must be, without empty ones; None where there is none."""
    folder, manifest = PACKAGES[name]
    path = BEFORE / folder / "CHANGELOG.md"
    old = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    new = []
    if name in PLAN:
        new = [f"## {written(PLAN[name])}"]
        for size in (3, 2, 1):
            texts = [f"- {text}" for package, bump, text in SAID if (package, bump) == (name, size)]
            new += [f"### {SIZES[size].capitalize()}", *texts] if texts else []
        moved = set().union(*(with_new_ranges(manifest.get(t, {}))[1] for t in ("dependencies", "peerDependencies")))
        new += ["### Dependencies", *(f"- {other} {written(PLAN[other])}" for other in sorted(moved))] if moved else []
        old = old or [f"# {name}"]
    return [line for line in [*old[:1], *new, *old[1:]] if line] or None


def read(path):
    """Return the text of a file of the agent's repository; whatever else lies there fails the test."""
    place = AFTER / path
    assert place.is_file() and place.resolve() == place, f"{place} is missing or is a link"
    assert place.stat().st_size < 100_000, f"{place} is far too long"
    return place.read_text(encoding="utf-8")


def ordered(value):
    """Return a JSON value in which the order of keys shows."""
    if isinstance(value, dict):
        return [(key, ordered(inner)) for key, inner in value.items()]
    return [ordered(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_manifest(name):
    manifest = json.loads(read(f"{PACKAGES[name][0]}/package.json"))
    assert ordered(manifest) == ordered(expected_manifest(name))


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_changelog(name):
    path, expected = f"{PACKAGES[name][0]}/CHANGELOG.md", expected_log(name)
    if expected is None:
        assert not os.path.lexists(AFTER / path), f"{name} is not released and had no changelog"
        return
    lines = [line.rstrip() for line in read(path).splitlines()]
    assert [line for line in lines if line] == expected


def test_fragments_are_gone_and_all_else_is_there():
    left = sorted(os.listdir(AFTER / ".changes"))
    assert left == ["README.md", "config.json"]
    for path in sorted(BEFORE.rglob("*")):
        name = path.relative_to(BEFORE).as_posix()
        meant = path.name in ("package.json", "CHANGELOG.md") and path.parent.relative_to(BEFORE).as_posix() in {
            folder for folder, _ in PACKAGES.values()
        }
        if path.is_file() and not meant and not (path.parent.name == ".changes" and path.name not in left):
            assert read(name) == path.read_text(encoding="utf-8"), f"{name} was changed"
