"""The one property that every fuzzer tries to break: whatever a file holds, the check ends and says what it found."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.entry import check_entry
from posttrain_arena.core.check.judged import judge
from posttrain_arena.core.check.present import FORMATS
from posttrain_arena.core.check.summary import build_report, entry_subject
from posttrain_arena.core.check.text_file import line_reader
from posttrain_arena.errors import ArenaError
from posttrain_arena.model import documents
from posttrain_arena.model.report import Subject

EXAMPLES = Path(__file__).parents[1] / "examples"
MANIFEST = b"team_name: Team North\ncontact_email: ada@north.example\ntrack: environments\nrelease_only: []\n"
COMPETITION = documents.REPOSITORY_ROOT / "competition.yaml"
PACKAGE_FILES = (
    "task.md",
    "environment/Dockerfile",
    "environment/.dockerignore",
    "verifier/verifier.md",
    "verifier/test.sh",
    "verifier/test_outputs.py",
    "oracle/solve.sh",
    "oracle/solve.py",
)
ENTRY_FILES = ("submission.yaml", "skills/read-logs/SKILL.md", "agent/agent.yaml", "agent/solve.sh")
FILES = (*PACKAGE_FILES, *ENTRY_FILES)
TRACKS = {"submission.yaml": b"environments", "skills": b"skills", "agent": b"agents"}


class Arena:
    """A folder, in memory where there is such a place, with a sound package and an entry of each track."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.root = Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None))
        self.package = self.root / "count-lines"
        shutil.copytree(EXAMPLES / "tasks" / "sound", self.package)
        self.competition = read_competition(COMPETITION)
        self.sound = {name: _sound(self.package / name) for name in PACKAGE_FILES}

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.root)

    def try_input(self, name: str, data: bytes) -> None:
        """Check a package or an entry in which the file ``name`` holds ``data``; raises what must not be raised."""
        try:
            report = build_report("structural", [self._check(name, data)])
            for show in FORMATS.values():
                show(report, line_reader())
        except ArenaError:
            pass  # said in our words, with an exit code

    def _check(self, name: str, data: bytes) -> Subject:
        if name in PACKAGE_FILES:
            path, before = self.package / name, self.sound[name]
            check: Callable[[], Subject] = partial(self._package)
        else:
            entry = self.root / "team"
            shutil.rmtree(entry, ignore_errors=True)
            path, before = entry / name, None
            path.parent.mkdir(parents=True, exist_ok=True)
            track = TRACKS[name.split("/")[0]]
            (entry / "submission.yaml").write_bytes(MANIFEST.replace(b"environments", track))
            check = partial(self._entry, entry)
        path.write_bytes(data)
        try:
            return check()
        finally:
            path.unlink() if before is None else path.write_bytes(before)

    def _package(self) -> Subject:
        return judge(self.package, root=self.root, competition=self.competition, level="structural").subject

    def _entry(self, entry: Path) -> Subject:
        return entry_subject(check_entry(entry, root=self.root, competition=self.competition), root=self.root)


def _sound(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def seeds(name: str) -> list[bytes]:
    """Return files of this name that people wrote: the examples' and the starting kit's."""
    places = [EXAMPLES, documents.REPOSITORY_ROOT / "starting-kit"]
    found = [path for place in places for path in sorted(place.rglob(os.path.basename(name))) if path.is_file()]
    return [path.read_bytes() for path in found if path.stat().st_size < 20_000] or [MANIFEST]


TOKENS = [
    *(
        b"---\n",
        b"\n",
        b": ",
        b"- ",
        b"  ",
        b"\t",
        b"{",
        b"}",
        b"[",
        b"]",
        b"&a ",
        b"*a",
        b"<<: *a",
        b"!!python/object",
        b"|\n",
    ),
    *(
        b"'",
        b'"',
        b"`",
        b"$(",
        b"${",
        b")",
        b"\\",
        b"\\\n",
        b"#",
        b"## ",
        b"```",
        b"~~~",
        b"<<EOF\n",
        b"EOF\n",
        b";;\n",
        b"esac",
    ),
    *(b"\x00", b"\r", b"\r\n", b"\xff", b"\xef\xbb\xbf", "\u2028".encode(), "\u202e".encode(), b"\x1b[31m", b"\x85"),
    *(b"1e999", b".nan", b"-0", b"99999999999999999999", b"0x1f", b"null", b"true", b"no", b"~", b"2026-11-21"),
    *(
        b"FROM ",
        b"COPY ",
        b"ADD ",
        b"RUN ",
        b"--from=",
        b"*",
        b"../",
        b"/",
        b"if ",
        b"fi\n",
        b"then\n",
        b"while ",
        b"done\n",
    ),
    *(
        b"case x in\n",
        b"function f {\n",
        b"def ",
        b"assert True\n",
        b"import pytest\n",
        b"(" * 200,
        b"[" * 200,
        b"a" * 5000,
    ),
    *(b"timeout_sec", b"network_mode", b"scenes", b"agents", b"roles", b"turns", b"rubric", b"weight", b"combine"),
]


def mutated(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """Return ``data`` with a few random changes, some of them pieces of ``other``."""
    for _ in range(draw.randint(1, 6)):
        at, end = sorted((draw.randint(0, len(data)), draw.randint(0, len(data))))
        end = min(end, at + 200)
        start = draw.randint(0, len(other))
        piece = draw.choice(
            [draw.choice(TOKENS), draw.randbytes(draw.randint(1, 8)), other[start : start + 60], data[at:end] * 2]
        )
        kept = draw.choice([at, end])
        data = data[:at] + piece + data[kept:]
    return data[:50_000]
