"""Nothing that a contributor can put into a folder crashes, hangs or fills the checker."""

from __future__ import annotations

import gzip
import lzma
import os
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packages import COMPETITION, findings_of, rules_of, sound_package

from posttrain_arena.core.check.front_matter import read_markdown
from posttrain_arena.core.check.present import FORMATS
from posttrain_arena.core.check.read import check_package
from posttrain_arena.core.check.secret_text import find_private_keys, masked
from posttrain_arena.core.check.summary import build_report, package_subject
from posttrain_arena.core.check.text_file import line_reader
from posttrain_arena.core.check.tree_listing import MAX_DEPTH, MAX_ENTRIES, list_package
from posttrain_arena.core.check.yaml_lines import Located, YamlFault, read_yaml
from posttrain_arena.model import documents


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return sound_package(tmp_path / "count-lines")


def front(package: Path, yaml: str) -> None:
    (package / "task.md").write_text(f"---\n{yaml}\n---\n\n## prompt\n\nDo it.\n")


def test_alias_bomb_is_a_finding(package: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    front(package, "\n".join(rows))
    began = time.monotonic()
    assert "yaml-bounds" in rules_of(package)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("deep", ["[" * 30_000, "{a: " * 10_000, "- " * 20_000, "? " * 20_000])
def test_deep_nesting_is_a_finding(package: Path, deep: str) -> None:
    front(package, f"metadata: {deep}" if deep[0] in "[{" else deep)
    assert rules_of(package) & {"yaml-bounds", "yaml-syntax"}


def test_alias_into_itself_is_a_finding(package: Path) -> None:
    front(package, "metadata: &m\n  again: *m")
    assert "yaml-syntax" in rules_of(package)


def test_long_front_matter_is_a_finding(package: Path) -> None:
    front(package, "metadata:\n  x: " + "y" * 70_000)
    assert "yaml-bounds" in rules_of(package)


@pytest.mark.parametrize("value", [".inf", ".nan", "1e9999"])
def test_numbers_that_are_none_are_a_finding(package: Path, value: str) -> None:
    front(package, f"agent:\n  timeout_sec: {value}")
    assert "yaml-syntax" in rules_of(package)


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("task.md", b"---\nversion: '1.0'\n\xff\xfe\n---\n", 3),
        ("task.md", b"---\nversion: '1\0'\n---\n", 2),
        ("oracle/solve.sh", b"#!/bin/bash\n\n\xc3\x28\n", 3),
    ],
)
def test_bytes_that_are_no_text_are_found_on_their_line(package: Path, name: str, data: bytes, line: int) -> None:
    (package / name).write_bytes(data)
    assert ("text-encoding", f"count-lines/{name}", line) in {(f.rule, f.path, f.line) for f in findings_of(package)}


@pytest.mark.parametrize("name", ["task.md", "verifier/test.sh", "environment/Dockerfile"])
def test_fifo_in_place_of_a_file_does_not_hang(package: Path, name: str) -> None:
    (package / name).unlink()
    os.mkfifo(package / name)
    assert {"file-kind", "required-file"} <= rules_of(package)


def test_socket_and_folder_in_place_of_files(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (package / "task.md").unlink()
    (package / "task.md").mkdir()
    monkeypatch.chdir(package)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        assert {"file-kind", "required-file"} <= rules_of(package)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../count-lines/task.md", "missing"])
def test_link_is_not_followed(package: Path, target: str) -> None:
    (package / "task.md").unlink()
    (package / "task.md").symlink_to(target)
    said = findings_of(package)
    assert {"file-kind", "required-file"} <= {finding.rule for finding in said}
    assert "root:" not in str(said)


def test_link_to_a_folder_is_a_finding(package: Path) -> None:
    (package / "environment" / "more").symlink_to("/etc")
    assert rules_of(package) == {"file-kind"}


def test_package_that_is_a_link_is_a_finding(package: Path, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(package)
    assert rules_of(tmp_path / "other") == {"package-unreadable"}


def test_huge_files_are_found_and_not_read(package: Path) -> None:
    for name in ("verifier/big.bin", "task.md"):
        with (package / name).open("r+b" if name == "task.md" else "wb") as file:
            file.truncate(300_000_000)
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from packages import rules_of\n"
        "said = sorted(rules_of(Path(sys.argv[1])))\n"
        # not ru_maxrss: that one also counts what the parent held when it forked
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(said, status['VmHWM'].split()[0])"
    )
    command = [sys.executable, "-c", code, str(package), str(Path(__file__).parent)]
    said, _, kilobytes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.rpartition(" ")
    assert "file-too-large" in said
    assert "text-encoding" in said
    assert int(kilobytes) < 150_000


def test_too_many_files_and_folders_too_deep(package: Path) -> None:
    deep = package / "environment" / "/".join(["d"] * (MAX_DEPTH + 2))
    deep.mkdir(parents=True)
    assert rules_of(package) == {"file-count"}
    for number in range(MAX_ENTRIES + 1):
        (package / "environment" / "data" / f"{number}").touch()
    assert "file-count" in rules_of(package)


@pytest.mark.parametrize("name", [b"a\n::error::x", b"\x1b[31mred", b"\xff\xfe", b"what?", b" led"])
def test_names_that_break_terminals_and_file_systems(package: Path, name: bytes) -> None:
    Path(os.fsdecode(bytes(package / "environment") + b"/" + name)).write_text("x")
    said = findings_of(package)
    assert {finding.rule for finding in said} == {"file-name"}
    assert all(finding.path.isprintable() for finding in said)
    documents.encode([documents.to_document(finding) for finding in said])


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_a_finding(package: Path) -> None:
    (package / "task.md").chmod(0)
    assert "file-unreadable" in rules_of(package)


def test_file_that_vanishes_between_listing_and_reading_is_a_finding(package: Path) -> None:
    from posttrain_arena.core.check.text_file import read_text

    text, problems = read_text(package, "gone.md")
    assert text == ""
    assert [problem.rule for problem in problems] == ["file-unreadable"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,? \n\t0.~\\", max_size=60))
def test_any_text_is_yaml_or_a_fault(text: str) -> None:
    assert isinstance(read_yaml(text), Located | YamlFault)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["---", "...", "## prompt", "```", "~~~", "# x", "a: 1", "", "text", "a: b: c"])))
def test_any_lines_are_a_document(lines: list[str]) -> None:
    document = read_markdown("\n".join(lines), "task.md")
    assert document.front is not None or document.problems


def test_secret_is_never_printed(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "ghp_" + "q3Zr8TkW1mVb6YxN" + "4sHd9LfJ2cPg7RaE5uKt"
    (package / "oracle" / "fetch.sh").write_text(f'#!/bin/bash\nTOKEN="{key}"\n')
    with (package / "environment" / "Dockerfile").open("a") as file:
        file.write("ENV DB_PASSWORD=hunter2-Blue\n")
    monkeypatch.chdir(package.parent)
    checked = check_package(package, root=package.parent, competition=COMPETITION, level="structural")
    report = build_report("structural", [package_subject(checked, root=package.parent)])
    said = "".join(show(report, line_reader()) for show in FORMATS.values())
    assert {"secret", "image-secret"} == {finding.rule for finding in checked.findings}
    assert key[4:12] not in said
    assert "hunter2" not in said
    assert "ghp_" in said


@pytest.mark.parametrize(
    "line", ["ghp_", "sk-", "AKIA", "eyJ.eyJ", "-----BEGIN PRIVATE KEY-----a: ", "xoxb-1-", "hf_ "]
)
def test_text_full_of_beginnings_of_secrets_is_read_in_time(line: str) -> None:
    began = time.process_time()
    text = line * (900_000 // len(line))
    assert masked(text) is not None
    assert not list(find_private_keys(text))
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN " + "curl " * 150_000 + "\n",
        "FROM a\nRUN " + "cat <<A " * 100_000 + "\n",
        "FROM a\nRUN " + "$( " * 250_000 + "\n",
        "FROM a\nCOPY " + "--from=b " * 100_000 + "x /y\n",
        "FROM a\nENV " + "A=\"b' " * 150_000 + "\n",
        "FROM a\nRUN true" + " \\\n" * 300_000,
        "FROM " + "a/" * 400_000 + "\n",
        "X\nFROM a\n" * 80_000,
        "FROM a\nCOPY " + "$A" * 400_000 + " /x\n",
    ],
    ids=range(9),
)
def test_endless_dockerfile_is_judged_in_time(package: Path, text: str) -> None:
    (package / "environment" / "Dockerfile").write_text(text)
    began = time.process_time()
    assert findings_of(package)
    assert time.process_time() - began < 6


def test_hostile_archives_are_data(package: Path) -> None:
    data = package / "environment" / "data"
    (data / "cut.zip").write_bytes(b"PK\x05\x06" + b"\xff" * 18)
    (data / "cut.tgz").write_bytes(gzip.compress(b"x" * 700))
    (data / "number.tar").write_bytes(b"name".ljust(124, b"\0") + b"\xff" * 12 + b"\0" * 376)
    (data / "cut.tar.xz").write_bytes(lzma.compress(bytes(5_000))[:-20] + b"x" * 40)
    (data / "text.tar").write_bytes(b"name".ljust(124, b"\0") + b"not a number" + b"\0" * 376)
    assert {finding.path.rpartition("/")[2] for finding in findings_of(package)} <= {"number.tar"}


def test_archive_that_unpacks_to_gigabytes_is_told_without_unpacking_it(package: Path) -> None:
    member = tarfile.TarInfo("zeros")
    member.size = 400_000_000
    with gzip.open(package / "environment" / "data" / "zeros.tar.gz", "wb", compresslevel=1) as file:
        file.write(member.tobuf())
        for _ in range(80):
            file.write(bytes(1_000_000))
    began = time.process_time()
    assert rules_of(package) == {"archive-members"}
    assert time.process_time() - began < 3


def test_entry_that_vanishes_while_it_is_listed_is_a_finding(package: Path) -> None:
    listed = os.listdir

    def one_more(path: str) -> list[str]:
        return [*listed(path), "gone.txt"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "listdir", one_more)
        problems = list_package(package).problems
    assert {problem.rule for problem in problems} == {"file-unreadable"}
    assert "environment/gone.txt" in {problem.spot.path for problem in problems}
