"""An entry is its manifest, the bounds of its track, and packages that are listed for checking."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from packages import COMPETITION, sound_package

from posttrain_arena.core.check.entry import CheckedEntry, check_entry
from posttrain_arena.core.check.read import check_package
from posttrain_arena.core.check.targets import find_targets
from posttrain_arena.errors import UsageError

TODAY = datetime.date(2026, 6, 1)

MANIFEST = "team_name: Team\ncontact_email: team@example.org\ntrack: environments\n"


SKILL = """\
---
name: {name}
description: Counts the lines of a log. Use when a task asks how many requests there were.
---

Count what {name} asks for with `wc -l`.
"""


def entry(root: Path, manifest: str = MANIFEST, count: int = 50, folder: str = "envs", name: str = "team") -> Path:
    for number in range(count):
        package = root / name / folder / f"env-{number}"
        package.mkdir(parents=True)
        if folder == "skills":
            (package / "SKILL.md").write_text(SKILL.format(name=package.name))
    (root / name).mkdir(exist_ok=True)
    (root / name / "submission.yaml").write_text(manifest)
    return root / name


def check(path: Path) -> CheckedEntry:
    return check_entry(path, root=path.parent, competition=COMPETITION)


def said(path: Path) -> list[tuple[str, str, int | None]]:
    return [(finding.rule, finding.path, finding.line) for finding in check(path).findings]


def test_sound_entry_lists_its_packages_and_has_no_finding(tmp_path: Path) -> None:
    path = entry(tmp_path)
    (path / "envs" / "_scratch").mkdir()
    (path / "envs" / "README.md").touch()
    checked = check(path)
    assert checked.findings == ()
    assert len(checked.packages) == 50
    assert checked.submission is not None
    assert checked.submission.team_name == "Team"


@pytest.mark.parametrize(
    ("count", "rule", "severity"), [(49, "entry-too-small", "warning"), (201, "entry-too-large", "error")]
)
def test_bounds_of_the_track(tmp_path: Path, count: int, rule: str, severity: str) -> None:
    (finding,) = check(entry(tmp_path, count=count)).findings
    assert (finding.rule, finding.severity, finding.path) == (rule, severity, "team/envs")


def test_entry_without_manifest(tmp_path: Path) -> None:
    path = entry(tmp_path)
    (path / "submission.yaml").unlink()
    assert said(path) == [("manifest-missing", "team/submission.yaml", None)]


@pytest.mark.parametrize(
    ("manifest", "rule", "line"),
    [
        (MANIFEST.replace("environments", "environment"), "value-choice", 3),
        (MANIFEST + "colour: red\n", "key-unknown", 4),
        (MANIFEST.replace("team@example.org", "you@example.com"), "placeholder", 2),
        (MANIFEST + "release_only: [env-1, env-x]\n", "release-only-unknown", 4),
        (MANIFEST + "track: skills\n", "yaml-duplicate-key", 4),
        ("- a list\n", "front-matter", 1),
    ],
)
def test_fault_in_the_manifest_is_found_on_its_line(tmp_path: Path, manifest: str, rule: str, line: int) -> None:
    assert said(entry(tmp_path, manifest)) == [(rule, "team/submission.yaml", line)]


def test_folders_of_another_track_and_missing_ones(tmp_path: Path) -> None:
    path = entry(tmp_path, folder="skills")
    assert said(path) == [("entry-layout", "team/envs", None), ("entry-layout", "team/skills", None)]


def test_skill_without_its_file(tmp_path: Path) -> None:
    path = entry(tmp_path, MANIFEST.replace("environments", "skills"), count=20, folder="skills")
    (path / "skills" / "env-19" / "SKILL.md").unlink()
    assert said(path) == [("skill-file", "team/skills/env-19", None)]


def test_name_of_the_entry(tmp_path: Path) -> None:
    assert said(entry(tmp_path, name="Our_Team")) == [("entry-name", "Our_Team", None)]


def test_targets_tell_packages_entries_and_folders_of_either_apart(tmp_path: Path) -> None:
    path = entry(tmp_path / "submissions", count=2)
    (path / "envs" / "env-0" / "task.md").touch()
    (tmp_path / "submissions" / "_old").mkdir()
    assert find_targets([path / "envs" / "env-0"]).packages == (path / "envs" / "env-0",)
    assert find_targets([path / "envs", path / "envs"]).packages == (path / "envs" / "env-0", path / "envs" / "env-1")
    assert find_targets([path]).entries == (path,)
    assert find_targets([tmp_path / "submissions"]).entries == (path,)


def test_nothing_to_check_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for name in ("empty", "file", "nowhere"):
        with pytest.raises(UsageError, match=name):
            find_targets([tmp_path / name])


def test_linked_entry_is_refused_and_not_followed(tmp_path: Path) -> None:
    entry(tmp_path)
    (tmp_path / "other").symlink_to(tmp_path / "team")
    assert said(tmp_path / "other") == [("entry-layout", "other", None)]
    assert check(tmp_path / "other").packages == ()


@pytest.mark.parametrize("target", ["team", "missing"])
def test_link_on_the_command_line_is_not_followed(tmp_path: Path, target: str) -> None:
    entry(tmp_path)
    (tmp_path / "other").symlink_to(tmp_path / target)
    targets = find_targets([tmp_path / "other"])
    assert (targets.entries, targets.packages) == ((), (tmp_path / "other",))
    checked = check_package(tmp_path / "other", root=tmp_path, competition=COMPETITION, level="structural")
    assert [finding.rule for finding in checked.findings] == ["package-unreadable"]


def test_parts_of_a_package_do_not_hide_an_entry(tmp_path: Path) -> None:
    path = sound_package(tmp_path / "team")
    entry(tmp_path)
    assert find_targets([path]).entries == (path,)


@pytest.mark.parametrize("inside", ["README.md", "task.md"])
def test_everything_in_submissions_is_an_entry(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "submissions" / "team"
    path.mkdir(parents=True)
    (path / inside).touch()
    assert find_targets([path]).entries == (path,)
    assert said(path)[0][0] == "manifest-missing"


def test_names_in_usage_errors_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "x\n::error::y"
    path.mkdir()
    with pytest.raises(UsageError) as caught:
        find_targets([path])
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("track", "folder"), [("skills", "skills/sort-mail"), ("agents", "agent")])
def test_files_of_other_tracks_are_looked_at(tmp_path: Path, track: str, folder: str) -> None:
    path = tmp_path / "team"
    (path / folder).mkdir(parents=True)
    (path / "submission.yaml").write_text(MANIFEST.replace("environments", track))
    (path / folder / "SKILL.md").write_text(SKILL.format(name="sort-mail"))
    os.mkfifo(path / folder / "pipe")
    (path / folder / "more").symlink_to("/etc")
    found = [row for row in said(path) if row[0] not in ("entry-too-small", "agent-file")]
    assert found == [("file-kind", f"team/{folder}/{name}", None) for name in ("more", "pipe")]


def test_no_skill_hides_the_findings_of_another(tmp_path: Path) -> None:
    path = entry(tmp_path, MANIFEST.replace("environments", "skills"), count=20, folder="skills")
    page = path / "skills" / "env-3" / "SKILL.md"
    page.write_text(page.read_text() + "\n[x](a.md)".join(str(n) for n in range(2)))
    many = path / "skills" / "env-1" / "SKILL.md"
    many.write_text(many.read_text() + "".join(f"[x](file-{n}.md)\n" for n in range(400)))
    found = [finding.path for finding in check(path).findings if finding.rule == "skill-reference"]
    assert "team/skills/env-3/SKILL.md" in found
    assert 50 < len(found) < 60


def test_skills_and_agents_can_be_checked_without_an_entry(tmp_path: Path) -> None:
    path = entry(tmp_path, MANIFEST.replace("environments", "skills"), count=3, folder="skills")
    (path / "skills" / "env-1" / "SKILL.md").unlink()
    targets = find_targets([path / "skills"])
    assert [skill.name for skill in targets.entries] == ["env-0", "env-1", "env-2"]
    assert [said(skill) for skill in targets.entries] == [[], [("skill-file", "env-1", None)], []]
    agent = tmp_path / "agent"
    agent.mkdir()
    (agent / "agent.yaml").write_text("name: noop\ndescription: Hands the base model in.\n")
    assert find_targets([agent]).entries == (agent,)
    assert said(agent) == [("agent-file", "agent/solve.sh", None)]


def test_withdrawn_entry_is_reported_and_not_judged(tmp_path: Path) -> None:
    path = entry(tmp_path, MANIFEST + "withdrawn: true\nlicense: secret\n", count=1)
    checked = check_entry(path, root=tmp_path, competition=COMPETITION, today=TODAY)
    assert [(finding.rule, finding.severity) for finding in checked.findings] == [("entry-withdrawn", "note")]
    assert checked.packages == ()


def test_unreadable_manifest_does_not_hide_packages_and_skills(tmp_path: Path) -> None:
    path = entry(tmp_path, "track: [\n")
    skill = path / "skills" / "x"
    skill.mkdir(parents=True)
    assert [rule for rule, _, _ in said(path)] == ["skill-file", "yaml-syntax"]
    assert len(check(path).packages) == 50


def test_names_and_sizes_that_git_does_not_carry(tmp_path: Path) -> None:
    path = entry(tmp_path, MANIFEST.replace("environments", "skills"), count=20, folder="skills")
    skill = path / "skills" / "env-0"
    (skill / os.fsdecode(b"a\xff.md")).write_text("x")
    (skill / "big.bin").touch()
    os.truncate(skill / "big.bin", 300_000_000)
    (skill / "long.md").write_text("x" * 1_000_001)
    found = {(finding.rule, finding.path.rpartition("/")[2]) for finding in check(path).findings}
    assert found == {("file-name", "a\\udcff.md"), ("file-too-large", "big.bin")}
    (path / "skills" / "env-1" / "SKILL.md").write_text("x" * 1_000_001)
    assert ("text-encoding", "team/skills/env-1/SKILL.md", None) in said(path)
