"""A tree is checked side by side and from memory with the same result; a change is seen whatever it is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from packages import COMPETITION, prose, sound_package, with_prompt

from posttrain_arena.adapters.processes import in_processes
from posttrain_arena.cli.main import main
from posttrain_arena.core.check.remembered import MAX_MEMORIES, Memory, keep, recall, stamp_of
from posttrain_arena.core.check.survey import FEW, Changes, Survey, check_all
from posttrain_arena.core.check.targets import find_targets
from posttrain_arena.model.report import Subject

LATER = 2**62
"""A time at which everything has settled."""


def tree(root: Path, count: int) -> None:
    for number in range(count):
        with_prompt(sound_package(root / "envs" / f"count-lines-{number:03d}"), prose(number))
    (root / "envs" / "count-lines-001" / "oracle" / "solve.sh").unlink()


def survey(root: Path, memory: Memory | None = None, **changes: object) -> list[Subject]:
    wanted = Survey(
        root=root,
        competition=COMPETITION,
        level="structural",
        sample=root / "sample",
        examples=root / "examples",
        now_ns=LATER,
        memory=Memory(version="") if memory is None else memory,
        changes=Changes(**changes),  # type: ignore[arg-type]
        share=in_processes,
    )
    return [subject for _, subject in check_all(find_targets([root / "envs"]), wanted)]


def test_many_packages_give_what_each_gives_alone(tmp_path: Path) -> None:
    tree(tmp_path, FEW + 20)
    together = survey(tmp_path)
    assert len(together) == FEW + 20
    assert [subject.outcome for subject in together].count("fix") == 1
    for subject in together[:3]:
        (alone,) = [
            one
            for _, one in check_all(
                find_targets([tmp_path / subject.path]),
                Survey(
                    root=tmp_path,
                    competition=COMPETITION,
                    level="structural",
                    sample=tmp_path / "sample",
                    examples=tmp_path / "examples",
                    now_ns=LATER,
                    memory=Memory(version=""),
                ),
            )
        ]
        assert alone == subject


def test_second_look_comes_from_memory_and_says_the_same(tmp_path: Path) -> None:
    tree(tmp_path, FEW)
    memory = Memory(version="1")
    first = survey(tmp_path, memory)
    keep(tmp_path / "kept", memory)
    again = recall(tmp_path / "kept", version="1")
    assert len(again.rows) == FEW
    for row in again.rows.values():
        assert row.judged.subject in first
    assert survey(tmp_path, again) == first


@pytest.mark.parametrize("what", ["content", "same size and time", "mode", "new file", "gone file", "renamed"])
def test_every_change_is_seen(what: str, tmp_path: Path) -> None:
    package = sound_package(tmp_path / "count-lines")
    task = package / "task.md"
    before, times = stamp_of(package, now_ns=LATER), task.stat()
    assert before == stamp_of(package, now_ns=LATER)
    if what == "content":
        task.write_text(task.read_text() + "\n")
    elif what == "same size and time":
        task.write_text(task.read_text().replace("easy", "hard"))
        os.utime(task, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif what == "mode":
        task.chmod(0o600)
    elif what == "new file":
        (package / "environment" / "more").touch()
    elif what == "gone file":
        (package / "oracle" / "solve.sh").unlink()
    else:
        task.rename(package / "tasks.md")
    assert stamp_of(package, now_ns=LATER) != before


def test_what_just_changed_is_not_relied_on(tmp_path: Path) -> None:
    package = sound_package(tmp_path / "count-lines")
    assert stamp_of(package, now_ns=(package / "task.md").stat().st_ctime_ns + 1000) is None
    (tmp_path / "link").symlink_to(package)
    assert stamp_of(tmp_path / "link", now_ns=LATER) is None


@pytest.mark.parametrize("content", [b"", b"\xff\x00nonsense", b"\x81\xa7version\x01"])
def test_damaged_memory_is_forgotten(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(content)
    assert recall(tmp_path / "kept", version="1") == Memory(version="1")


def test_memory_of_another_checker_is_forgotten(tmp_path: Path) -> None:
    tree(tmp_path, FEW)
    memory = Memory(version="1")
    survey(tmp_path, memory)
    keep(tmp_path / "kept", memory)
    assert recall(tmp_path / "kept", version="2").rows == {}


def test_only_the_latest_memories_are_kept(tmp_path: Path) -> None:
    for number in range(MAX_MEMORIES + 4):
        keep(tmp_path / f"kept-{number:02d}", Memory(version=str(number)))
        os.utime(tmp_path / f"kept-{number:02d}", (number, number))
    assert sorted(path.name for path in tmp_path.iterdir())[0] == "kept-04"


def test_memory_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keep(tmp_path / "file" / "kept", Memory(version="1"))
    assert (tmp_path / "file").read_bytes() == b""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def contest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one entry of three packages, the current folder in it."""
    for number in range(3):
        envs = tmp_path / "submissions" / "team" / "envs"
        with_prompt(sound_package(envs / f"count-lines-{number}"), prose(number))
    manifest = "team_name: Team\ncontact_email: ada@team.example\ntrack: environments\n"
    (tmp_path / "submissions" / "team" / "submission.yaml").write_text(manifest)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["check", "submissions", *arguments])
    return code, capsys.readouterr().out


def test_changed_from_looks_at_what_changed(contest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "0 packages" in checked(capsys, "--changed-from", "main")[1]
    envs = contest / "submissions" / "team" / "envs"
    (envs / "count-lines-1" / "oracle" / "solve.sh").unlink()
    code, text = checked(capsys, "--changed-from", "main")
    assert (code, "1 package," in text, "count-lines-1/oracle/solve.sh" in text) == (1, True, True)
    git(contest, "checkout", "-q", "-b", "mine")
    git(contest, "commit", "-qam", "two")
    sound_package(envs / "count-lines-3")
    code, text = checked(capsys, "--changed-from", "main")
    assert "2 packages," in text


def test_changed_from_still_compares_with_what_did_not_change(
    contest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    envs = contest / "submissions" / "team" / "envs"
    (envs / "count-lines-1" / "task.md").write_bytes((envs / "count-lines-0" / "task.md").read_bytes())
    code, text = checked(capsys, "--changed-from", "HEAD")
    assert (code, "the same task as submissions/team/envs/count-lines-0" in text) == (1, True)
    assert "1 package," in text


def test_a_changed_manifest_alone_is_checked(contest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = contest / "submissions" / "team" / "submission.yaml"
    manifest.write_text(manifest.read_text().replace("ada@team.example", "nobody"))
    code, text = checked(capsys, "--changed-from", "HEAD")
    assert (code, "manifest-email" in text, "1 entry," in text) == (1, True, True)


def test_changed_from_says_what_is_wrong_with_the_reference(
    contest: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["check", "submissions", "--changed-from", "nowhere"]) == 2
    assert "no such commit" in capsys.readouterr().err
    assert main(["check", "submissions", "--changed-from=--output=x"]) == 2
    git(contest, "checkout", "-q", "--orphan", "other")
    git(contest, "commit", "-qm", "other")
    assert main(["check", "submissions", "--changed-from", "main"]) == 2
    assert "no commit in common" in capsys.readouterr().err


def test_tree_names_of_git_spare_reading_what_did_not_change(tmp_path: Path) -> None:
    tree(tmp_path, FEW)
    names = {f"envs/count-lines-{number:03d}": f"tree{number}" for number in range(FEW)}
    memory = Memory(version="1")
    survey(tmp_path, memory, trees=names)
    for number in range(2, FEW):  # what git says did not change is not even opened
        (tmp_path / "envs" / f"count-lines-{number:03d}" / "task.md").unlink()
    asked = frozenset({"envs/count-lines-000/task.md"})
    (only,) = survey(tmp_path, memory, trees=names, asked=asked)
    assert (only.path, only.findings) == ("envs/count-lines-000", ())
