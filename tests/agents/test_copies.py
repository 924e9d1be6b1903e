"""Copies out of a container are bounded in bytes and seconds, whatever lies beside the model."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from posttrain_arena.adapters.agents import copies, left_files
from posttrain_arena.adapters.agents.copies import ModelCopies
from posttrain_arena.adapters.agents.left_files import LeftFiles, written
from posttrain_arena.adapters.agents.model_folder import Base
from posttrain_arena.adapters.docker_engine.changes import Change
from posttrain_arena.errors import EngineError
from posttrain_arena.model.agent_run import WorkspaceCopy

CHUNK = 1 << 20


class Sent:
    """Stands in a workbench's place: sends an archive of members, where a number of bytes is so many zeros.

    ``others`` are the archives of other places than the workspace, by path; all but the folders are listed as added.
    """

    def __init__(
        self,
        members: Sequence[tuple[str, bytes | int]],
        *,
        cut_after: float = float("inf"),
        others: Mapping[str, Sequence[tuple[str, bytes | int]]] | None = None,
        alive: bool = True,
    ) -> None:
        self.members = members
        self.cut_after = cut_after
        self.others = dict(others or {})
        self.alive = alive
        self.sent = 0
        self.asked = 0
        self.mounted = frozenset({"/arena/base_model"})
        self.listed: list[Change] | None = [Change(path=path, added=True) for path in self.others]

    def archive(self, path: str) -> tuple[Iterator[bytes], dict[str, Any]] | None:
        self.asked += 1
        if path.startswith("/root"):
            return self._counted(), {"size": 1, "mtime": "x", "mode": 1 << 31}
        if path not in self.others:
            return None
        other = Sent(self.others[path])
        return other._counted(), {"size": 1, "mtime": "x", "mode": 0o644}

    def changes(self, most_bytes: int) -> list[Change] | None:
        return self.listed

    def frozen(self) -> nullcontext[None]:
        return nullcontext()

    def runs(self) -> bool:
        return self.alive

    def _counted(self) -> Iterator[bytes]:
        for chunk in self._chunks():
            if self.sent > self.cut_after:
                raise ConnectionResetError("gone")
            self.sent += len(chunk)
            yield chunk

    def _chunks(self) -> Iterator[bytes]:
        for name, content in self.members:
            member = tarfile.TarInfo(name)
            if name.endswith("/"):
                member.type = tarfile.DIRTYPE
            member.size = content if isinstance(content, int) else len(content)
            yield member.tobuf(tarfile.GNU_FORMAT)
            if isinstance(content, int):
                for _ in range(content // CHUNK):
                    yield bytes(CHUNK)
            else:
                yield content + bytes(-len(content) % 512)
        yield bytes(1024)


def _copied(sent: Sent, small_base: Path, out: Path) -> str | None:
    taken = ModelCopies(sent, Base(small_base), out / "final_model", out / "aside", own_template=False).take(1.0)  # type: ignore[arg-type]
    return None if taken is None else taken.why


def _left(sent: Sent, out: Path) -> WorkspaceCopy:
    listed, sent.listed = sent.listed, []
    left = LeftFiles(sent, out)  # type: ignore[arg-type]
    sent.listed = listed
    left.take_memory()
    return left.take()


def _model(small_base: Path) -> list[tuple[str, bytes | int]]:
    files = ("config.json", "model.safetensors")
    return [("final_model/", 0), *((f"final_model/{name}", (small_base / name).read_bytes()) for name in files)]


def test_a_model_beside_a_checkpoint_of_its_size_is_taken(small_base: Path, tmp_path: Path) -> None:
    sent = Sent([*_model(small_base), ("final_model/checkpoint-5/", 0), ("final_model/checkpoint-5/o.pt", 8 * CHUNK)])
    assert _copied(sent, small_base, tmp_path) == ""
    assert Base(small_base).fault(tmp_path / "final_model") == ""


def test_what_is_no_model_is_not_read_for_ever(small_base: Path, tmp_path: Path) -> None:
    huge = 1 << 40
    sent = Sent([("final_model/", 0), ("final_model/a-sparse-file", huge), *_model(small_base)[1:]])
    why = _copied(sent, small_base, tmp_path)
    assert why is not None
    assert "beside the model" in why
    assert "a-sparse-file" in why
    assert sent.sent < 64 * CHUNK


def test_a_copy_that_takes_too_long_ends_as_no_model(
    small_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "MODEL_SECONDS", -100.0)
    why = _copied(Sent(_model(small_base)), small_base, tmp_path)
    assert why is not None
    assert "was not copied within" in why


def test_a_sparse_file_does_not_hold_up_the_copy_of_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left_files, "MAX_SECONDS", 0.5)
    sent = Sent([("root/", 0), ("root/a.txt", b"kept"), ("root/b", 1 << 40), ("root/c.txt", b"behind it")])
    copied = _left(sent, tmp_path)
    assert (copied.files, (tmp_path / "workspace" / "a.txt").read_bytes()) == (1, b"kept")
    assert [one.path for one in copied.cut] == ["b", ""]
    assert "everything behind it" in copied.cut[-1].why
    assert sent.sent < 1 << 38


def test_what_lies_in_the_models_folder_and_is_no_part_of_it_is_copied_with_the_workspace(
    small_base: Path, tmp_path: Path
) -> None:
    sent = Sent(
        [
            ("root/", 0),
            *((f"root/{name}", data) for name, data in _model(small_base)),
            ("root/final_model/notes.txt", b"n"),
        ]
    )
    assert _left(sent, tmp_path).files == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["notes.txt"]


def test_an_engine_that_goes_away_in_the_middle_is_told_as_such(small_base: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cut off"):
        _copied(Sent(_model(small_base), cut_after=2000), small_base, tmp_path)


def test_an_archive_that_ends_early_is_no_shorter_workspace(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("root/x"))

    class Broken(Sent):
        def _chunks(self) -> Iterator[bytes]:
            yield buffer.getvalue()[:300]

    with pytest.raises(EngineError, match="cut off"):
        _left(Broken([]), tmp_path)


def test_what_lies_outside_the_workspace_is_copied_within_the_same_bounds(tmp_path: Path) -> None:
    shared = [("shm/", 0), ("shm/leak.jsonl", b"in memory")]
    sent = Sent(
        [("root/", 0), ("root/a.txt", b"a")],
        others={
            "/tmp/x": [("x/", 0), ("x/deep/y.jsonl", b"y"), ("x/large", 17 * CHUNK)],
            "/opt/z.py": [("z.py", b"z")],
            "/dev/shm": shared,
        },
    )
    sent.listed = [Change(path=path, added=True) for path in ("/tmp/x", "/tmp/x/deep", "/opt/z.py", "/opt/\ufffd")]
    copied = _left(sent, tmp_path)
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {
        "workspace/a.txt",
        "elsewhere/tmp/x/deep/y.jsonl",
        "elsewhere/opt/z.py",
        "elsewhere/dev/shm/leak.jsonl",
    }
    assert copied.files == len(files)
    assert [(one.path, one.why) for one in copied.cut] == [
        ("/tmp/x/large", "more than 16 MB"),
        ("/opt/\ufffd", "its name"),
    ]


def test_more_files_than_may_be_copied_are_named_and_more_than_may_be_named_end_the_copy(tmp_path: Path) -> None:
    many = [("many/", 0), *((f"many/{n}", b"") for n in range(2_500))]
    copied = _left(Sent([("root/", 0)], others={"/tmp/many": many}), tmp_path)
    assert (copied.files, len(copied.cut), copied.cut[0].path) == (2_000, 500, "/tmp/many/2000")
    more = [*many, *((f"many/{n}", b"") for n in range(2_500, 10_000))]
    copied = _left(Sent([("root/", 0)], others={"/tmp/many": more, "/tmp/zz": [("zz", b"")]}), tmp_path / "more")
    assert (copied.files, len(copied.cut)) == (2_000, 1_000)
    assert "everything behind it" in copied.cut[-1].why


def test_what_the_engine_wrote_before_the_agent_was_started_is_its_own_only_where_it_changed(tmp_path: Path) -> None:
    sent = Sent([("root/", 0)], others={"/etc/a": [("a", b"engine")], "/etc/b": [("b", b"engine")]})
    left = LeftFiles(sent, tmp_path)  # type: ignore[arg-type]
    sent.others["/etc/b"] = [("b", b"agent")]
    assert left.take().files == 1
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"agent"]


def test_names_that_cannot_be_asked_for_do_not_hold_up_the_copy(tmp_path: Path) -> None:
    sent = Sent([("root/", 0)])
    sent.listed = [Change(path=f"/tmp/{n}", added=True) for n in range(100_000)]
    assert len(_left(sent, tmp_path).cut) == 1_000
    assert sent.asked < 2_000


def test_what_cannot_be_listed_or_ended_with_the_container_is_named(tmp_path: Path) -> None:
    sent = Sent([("root/", 0)], alive=False)
    sent.listed = None
    cut = {one.path: one.why for one in _left(sent, tmp_path).cut}
    assert set(cut) == {"/", "/dev/shm"}
    assert "than can be listed" in cut["/"]
    assert "ended before" in cut["/dev/shm"]


def test_a_workspace_that_was_replaced_is_named(tmp_path: Path) -> None:
    assert [one.path for one in _left(Sent([("root", b"no folder")]), tmp_path).cut] == ["/root"]


def test_of_what_was_written_each_file_is_taken_once_and_nothing_of_others() -> None:
    paths = {
        "/tmp": {},
        "/tmp/a": {"added": True},
        "/tmp/a/b": {"added": True},
        "/etc/passwd": {},
        "/etc/gone": {"removed": True},
        "/root/x": {"added": True},
        "/arena": {"added": True},
        "/arena/base_model": {"added": True},
        "/arena/mine": {"added": True},
        "/arena/mine/file": {"added": True},
    }
    changes = [Change(path=path, **kinds) for path, kinds in paths.items()]
    found = list(written(changes, apart={"/root", "/arena/base_model"}))
    assert found == [("/tmp", False), ("/tmp/a", True), ("/etc/passwd", False), ("/arena/mine", True)]
