"""Tell files that are no text and that honest training leaves by what is in them: weights, states, logs, caches.

None of them is compressed, so a text in one lies open; numbers that stand for words are not seen.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

MAX_HEADER = 10 << 20
MAX_SMALL = 1 << 13
"""Bytes of what is no weight: the step of an optimizer, the state of a generator of random numbers, a version."""

COMPRESSED = 0.8
"""Share of its size that data keep when they are compressed: those that hide others keep nearly all."""

_STORAGE = re.compile(r"[^/]+/data/\d+")


def is_plain_binary(path: str, data: bytes) -> bool:
    """Say whether a file is what its content says, and hides no text."""
    name = PurePosixPath(path).name
    if data[:4] == b"PK\x03\x04":
        return _is_torch(data)
    if data[2:4] == b"\r\n" and name.endswith(".pyc"):
        return _compresses(data)
    if name.startswith("events.out.tfevents"):
        return _is_event_log(data) and _compresses(data)
    return _is_safetensors(data)


def _is_safetensors(data: bytes) -> bool:
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(MAX_HEADER, len(data) - 8):
        return False
    try:
        header = json.loads(data[8 : 8 + length])
        header.pop("__metadata__", None)
        spans = sorted(_span(entry) for entry in header.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return False
    at = 0
    for begin, end, kind in spans:
        if begin != at or end < begin or not (kind.startswith(("F", "BF")) or end - begin <= MAX_SMALL):
            return False
        at = end
    return at == len(data) - 8 - length


def _span(entry: Mapping[str, Any]) -> tuple[int, int, str]:
    begin, end = map(int, entry["data_offsets"])
    return begin, end, str(entry["dtype"])


def _is_torch(data: bytes) -> bool:
    """Say whether a zip is one that torch.save wrote: nothing compressed, a pickle, storages, little else."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, struct.error, OverflowError):
        return False
    weights = [item for item in members if _STORAGE.fullmatch(item.filename)]
    others = [item for item in members if not _STORAGE.fullmatch(item.filename)]
    padding = len(data) - sum(item.file_size for item in members)
    return (
        all(item.compress_type == zipfile.ZIP_STORED and item.file_size == item.compress_size for item in members)
        and sum(item.filename.endswith("/data.pkl") for item in others) == 1
        and all(item.file_size <= MAX_SMALL for item in others if not item.filename.endswith("/data.pkl"))
        and 0 <= padding <= 512 * (len(weights) + len(others) + 2)
    )


def _is_event_log(data: bytes) -> bool:
    """Say whether data are records of TensorBoard: length, checksum, record, checksum."""
    at = 0
    while at + 12 <= len(data):
        at += 16 + int.from_bytes(data[at : at + 8], "little")
    return 0 < at == len(data)


def _compresses(data: bytes) -> bool:
    return len(zlib.compress(data, 1)) < COMPRESSED * len(data)
