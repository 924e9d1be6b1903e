"""Read safetensors files tensor by tensor, as numbers and as bytes, without a library that runs models."""

from __future__ import annotations

import json
import math
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posttrain_arena.errors import UsageError

TYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}
"""Types of weights; whole numbers are no weights and are left out."""

MAX_HEADER = 100_000_000
"""The format's own limit."""


class Tensors:
    """The tensors of all safetensors files of a folder, or of one file; nothing is read before it is asked for."""

    def __init__(self, path: Path) -> None:
        """Read the headers; raises UsageError for a file that does not keep to the format."""
        files = sorted(path.rglob("*.safetensors")) if path.is_dir() else [path]
        if not files:
            raise UsageError(f"{path}: no *.safetensors file there")
        self._places = {name: place for file in files for name, place in _header(file).items()}

    def names(self) -> list[str]:
        """Return the names of the tensors, sorted."""
        return sorted(self._places)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        return self._places[name][2]

    def raw(self, name: str) -> bytes:
        """Return the bytes of a tensor."""
        file, (begin, end), _, _ = self._places[name]
        with _mapped(file) as data:
            return data[begin:end]

    def values(self, name: str) -> NDArray[np.float64]:
        """Return a tensor as one row of doubles."""
        kind = self._places[name][3]
        stored: NDArray[Any] = np.frombuffer(self.raw(name), TYPES[kind])
        if kind == "BF16":
            stored = (stored.astype(np.uint32) << 16).view(np.float32)
        doubles: NDArray[np.float64] = stored.astype(np.float64)
        return doubles


Place = tuple[Path, tuple[int, int], tuple[int, ...], str]


def _header(file: Path) -> dict[str, Place]:
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        start, size = 8 + length, file.stat().st_size
        if not 2 <= length <= MAX_HEADER or start > size:
            raise UsageError(f"{file}: no safetensors file: its header does not fit into it")
        try:
            header = json.loads(stream.read(length))
            return {
                name: _place(file, start, size, entry)
                for name, entry in header.items()
                if name != "__metadata__" and entry["dtype"] in TYPES
            }
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UsageError(f"{file}: the header of the safetensors file is broken: {error}") from error


def _place(file: Path, start: int, size: int, entry: dict[str, Any]) -> Place:
    kind, shape = entry["dtype"], tuple(map(int, entry["shape"]))
    begin, end = map(int, entry["data_offsets"])
    if min(shape, default=0) < 0 or not 0 <= begin <= end <= size - start:
        raise ValueError("a tensor lies outside the file")
    if end - begin != math.prod(shape) * TYPES[kind].itemsize:
        raise ValueError("a tensor is not as long as its shape says")
    return file, (start + begin, start + end), shape, kind


@contextmanager
def _mapped(file: Path) -> Iterator[mmap.mmap]:
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data
