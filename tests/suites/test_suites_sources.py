"""A suite from a folder, from git or from an archive is one suite; what an archive should not hold is refused."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sealed_suites import make_suite, run

from posttrain_arena.adapters import archives, safe_files
from posttrain_arena.adapters.archives import unpack
from posttrain_arena.adapters.safe_files import Unpacked
from posttrain_arena.cli.suite_sources import open_suite
from posttrain_arena.errors import UsageError
from posttrain_arena.model.tree import tree_digest


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_suite(tmp_path_factory.mktemp("made") / "suite", per_domain=1)


def digest_of(path: Path) -> str:
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def packed(suite: Path, out: Path, kind: str, *, top: str = "") -> Path:
    """Write the suite as an archive of a kind."""
    path = out / f"suite.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in suite.rglob("*"):
                archive.write(file, f"{top}{file.relative_to(suite)}")
    else:
        with tarfile.open(path, f"w:{kind.partition('.')[2]}") as archive:
            archive.add(suite, arcname=top or ".")
    return path


@pytest.mark.parametrize("top", ["", "inner/"])
@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.bz2", "tar.xz", "zip"])
def test_an_archive_is_the_folder_it_was_made_of(kind: str, top: str, suite: Path, tmp_path: Path) -> None:
    archive = packed(suite, tmp_path, kind, top=top)
    with open_suite(str(suite)) as there, open_suite(str(archive), digest_of(archive)) as here:
        assert here.suite.tasks != ()
        assert [(task.id, task.digest, task.domain) for task in here.suite.tasks] == [
            (task.id, task.digest, task.domain) for task in there.suite.tasks
        ]
        folder = here.folder
        assert folder.exists()
    assert not folder.exists(), "what was unpacked is gone"


def test_an_archive_is_named_with_its_digest(suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = packed(suite, tmp_path, "tar.gz")
    assert run("stats", archive) == 2
    assert f"add --digest {digest_of(archive)}" in capsys.readouterr().err
    assert run("stats", archive, "--digest", "sha256:" + "0" * 64) == 2
    assert "it is another one" in capsys.readouterr().err
    assert run("stats", archive, "--digest", "0" * 64) == 2
    assert "write sha256: and 64 hexadecimal digits" in capsys.readouterr().err


def test_a_folder_may_be_named_with_its_digest(suite: Path) -> None:
    with open_suite(str(suite), tree_digest(suite)) as opened:
        assert len(opened.packages) == 3
    with pytest.raises(UsageError, match="it is another one"), open_suite(str(suite), "sha256:" + "0" * 64):
        pass


def git(repository: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", repository, *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(suite: Path, tmp_path: Path) -> Path:
    repository = tmp_path / "repository"
    (repository / "tasks").mkdir(parents=True)
    git(repository, "init", "-q", "-b", "main")
    subprocess.run(["cp", "-r", suite, repository / "tasks" / "sealed"], check=True)
    (repository / ".gitattributes").write_text("*.sh export-ignore\n*.md text eol=crlf\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "suite")
    git(repository, "tag", "v1")
    return repository


def test_a_git_ref_gives_the_commits_own_bytes(suite: Path, repository: Path) -> None:
    (repository / "tasks" / "sealed" / "not-committed").mkdir()
    with open_suite(str(suite)) as there, open_suite(f"{repository}@v1:tasks/sealed", tree_digest(suite)) as here:
        assert here.packages.keys() == there.packages.keys()
        assert [task.digest for task in here.suite.tasks] == [task.digest for task in there.suite.tasks]


@pytest.mark.parametrize(
    ("ref", "folder", "message"),
    [("v2", "tasks", "no such commit"), ("--help", "tasks", "no such commit"), ("v1", "nowhere", "has no folder")],
)
def test_what_git_has_not_is_named(repository: Path, ref: str, folder: str, message: str) -> None:
    with pytest.raises(UsageError, match=message), open_suite(f"{repository}@{ref}:{folder}"):
        pass


def test_links_in_git_are_refused(repository: Path) -> None:
    (repository / "tasks" / "sealed" / "link").symlink_to("/etc/passwd")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "link")
    with (
        pytest.raises(UsageError, match="link is a link or a submodule"),
        open_suite(f"{repository}@main:tasks/sealed"),
    ):
        pass


def tarred(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> None:
    with tarfile.open(path, "w") as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def special(kind: bytes, target: str = "") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        member = tarfile.TarInfo("a/odd")
        member.type, member.linkname = kind, target
        tarred(path, (tarfile.TarInfo("a/file"), b"x"), (member, b""))

    return write


def named(*names: str) -> Callable[[Path], None]:
    return lambda path: tarred(path, *((tarfile.TarInfo(name), b"x") for name in names))


def sparse(path: Path) -> None:
    """A GNU sparse member of no bytes that says it is a terabyte."""
    member = tarfile.TarInfo("a/huge")
    member.type = tarfile.GNUTYPE_SPARSE
    tarred(path, (member, b""))


def zip_link(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("a/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")


def zip_named(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../outside", "x")


def zip_encrypted(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/file", "x" * 100)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))


def zip_broken(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/file", "abcdef" * 100)
    path.write_bytes(path.read_bytes().replace(b"abcdef", b"abcdeg", 1))


HOSTILE = {
    "parent": (named("../outside"), "is no path inside the folder"),
    "deep parent": (named("a/b/../../../outside"), "is no path inside the folder"),
    "absolute": (named("/etc/cron.d/outside"), "is no path inside the folder"),
    "backslash": (named("a\\..\\outside"), "is no path inside the folder"),
    "newline": (named("a\n::error::b"), "is no path inside the folder"),
    "repository": (named("a/.git/hooks/post-checkout"), "is no path inside the folder"),
    "long": (named("a/" * 600 + "b"), "is no path inside the folder"),
    "twice": (named("a/file", "a/file"), "is there twice"),
    "file and folder": (named("a/file", "a/file/inner"), "is a file and a folder at once"),
    "symbolic link": (special(tarfile.SYMTYPE, "/etc/passwd"), "is a link or a special file"),
    "hard link": (special(tarfile.LNKTYPE, "a/file"), "is a link or a special file"),
    "device": (special(tarfile.CHRTYPE), "is a link or a special file"),
    "fifo": (special(tarfile.FIFOTYPE), "is a link or a special file"),
    "sparse": (sparse, "is a link or a special file"),
    "zip link": (zip_link, "is a link or a special file"),
    "zip parent": (zip_named, "is no path inside the folder"),
    "zip encrypted": (zip_encrypted, "no archive that can be read"),
    "zip broken": (zip_broken, "no archive that can be read"),
    "text": (lambda path: path.write_bytes(b"hello" * 1000), "no archive that can be read"),
    "cut gzip": (lambda path: path.write_bytes(gzip.compress(os.urandom(5000))[:2000]), "no archive that can be read"),
    "cut xz": (lambda path: path.write_bytes(lzma.compress(os.urandom(5000))[:2000]), "no archive that can be read"),
    "cut bz2": (lambda path: path.write_bytes(bz2.compress(os.urandom(5000))[:2000]), "no archive that can be read"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_archives_are_refused_and_write_nothing_outside(case: str, tmp_path: Path) -> None:
    write, message = HOSTILE[case]
    archive, inner = tmp_path / "hostile", tmp_path / "in" / "folder"
    inner.mkdir(parents=True)
    write(archive)
    with pytest.raises(UsageError, match=message) as raised:
        unpack(archive, Unpacked(folder=inner, where="hostile"))
    assert "\n" not in str(raised.value)
    assert not [path for path in tmp_path.rglob("*outside*") if inner not in path.parents]
    assert not [path for path in tmp_path.rglob("*") if path.is_symlink()]


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zip"])
def test_bombs_are_cut_off(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (archives, safe_files):
        monkeypatch.setattr(module, "MAX_BYTES", 1 << 20)
    zeros, archive = bytes(64 << 20), tmp_path / "bomb"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed_zeros:
            packed_zeros.writestr("a/zeros", zeros)
    else:
        archive.write_bytes({"gz": gzip, "bz2": bz2, "xz": lzma}[kind].compress(zeros))
    (tmp_path / "in").mkdir()
    with pytest.raises(UsageError, match="1 MB unpacked"):
        unpack(archive, Unpacked(folder=tmp_path / "in", where="bomb", _left=1 << 20))
    assert sum(path.stat().st_size for path in (tmp_path / "in").rglob("*") if path.is_file()) <= 1 << 20


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_files, "MAX_FILES", 10)
    tarred(tmp_path / "many", *((tarfile.TarInfo(f"a/{number}"), b"") for number in range(11)))
    (tmp_path / "in").mkdir()
    with pytest.raises(UsageError, match="is one of over 10 files"):
        unpack(tmp_path / "many", Unpacked(folder=tmp_path / "in", where="many"))
