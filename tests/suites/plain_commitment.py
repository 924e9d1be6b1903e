"""``pta-commit-v1`` a second time, written from its definition with nothing of the arena's: slow, recursive, plain."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def tree_hash(folder: Path) -> bytes:
    rows = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            rows.append([name, os.access(path, os.X_OK), len(data), sha256(data).hex()])
    rows.sort(key=lambda row: row[0].encode("utf-8"))
    return sha256(json.dumps(rows, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode("utf-8"))


def salt(key: bytes, task: str) -> bytes:
    return hmac.new(key, b"pta-salt-v1" + bytes([0]) + task.encode("utf-8"), hashlib.sha256).digest()


def leaf(key: bytes, task: str, domain: str, tree: bytes) -> bytes:
    hidden = sha256(task.encode("utf-8")) + sha256(domain.encode("utf-8")) + tree
    return sha256(bytes([0]) + b"pta-leaf-v1" + bytes([0]) + salt(key, task) + hidden)


def merkle_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 over hashes: split at the largest power of two below the number of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return sha256(bytes([1]) + merkle_root(leaves[:split]) + merkle_root(leaves[split:]))


def audit_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*audit_path(index, leaves[:split]), merkle_root(leaves[split:])]
    return [*audit_path(index - split, leaves[split:]), merkle_root(leaves[:split])]


def root_from(path: list[bytes], leaf: bytes, index: int, count: int) -> bytes:
    """Go the path back: the last hash is of the half at the top in which the leaf is not."""
    if count == 1:
        return leaf
    split = _split(count)
    if index < split:
        return sha256(bytes([1]) + root_from(path[:-1], leaf, index, split) + path[-1])
    return sha256(bytes([1]) + path[-1] + root_from(path[:-1], leaf, index - split, count - split))


def _split(count: int) -> int:
    split = 1
    while split * 2 < count:
        split *= 2
    return split
