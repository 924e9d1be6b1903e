"""Copies out of a container are bounded in bytes and seconds, whatever lies beside the model."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from posttrain_arena.adapters.agents import copies
from posttrain_arena.adapters.agents.copies import ModelCopies, copy_workspace
from posttrain_arena.adapters.agents.model_folder import Base
from posttrain_arena.errors import EngineError

CHUNK = 1 << 20


class Sent:
    """Stands in a workbench's place: sends an archive of members, where a number of bytes is so many zeros."""

    def __init__(self, members: Sequence[tuple[str, bytes | int]], *, cut_after: float = float("inf")) -> None:
        self.members = members
        self.cut_after = cut_after
        self.sent = 0

    def archive(self, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        return self._counted(), {"size": 1, "mtime": "x"}

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
    monkeypatch.setattr(copies, "MAX_SECONDS", 0.5)
    sent = Sent([("root/", 0), ("root/a.txt", b"kept"), ("root/b", 1 << 40), ("root/c.txt", b"behind it")])
    copied = copy_workspace(sent, tmp_path)  # type: ignore[arg-type]
    assert (copied.files, (tmp_path / "a.txt").read_bytes()) == (1, b"kept")
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
    assert copy_workspace(sent, tmp_path).files == 1  # type: ignore[arg-type]
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
        copy_workspace(Broken([]), tmp_path)  # type: ignore[arg-type]
