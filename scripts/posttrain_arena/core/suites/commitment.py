"""The commitment ``pta-commit-v1``: one hash that fixes a suite, and proofs that a task is in it.

H is SHA-256. A leaf hides its task by a salt that only the holder of the master key can make; the tree over the leaves
is that of RFC 6962 (section 2.1), with leaves that are hashes already. docs/design.md has the definition.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

SALT_LABEL, LEAF_LABEL, NAME_LABEL = b"pta-salt-v1\0", b"pta-leaf-v1\0", b"pta-name-v1\0"
_LEAF, _NODE = b"\0", b"\1"


def salt(key: bytes, task: str) -> bytes:
    """Return the salt of a task: HMAC-SHA256(key, "pta-salt-v1\\0" + task id)."""
    return hmac.digest(key, SALT_LABEL + task.encode(), "sha256")


def leaf(task: str, domain: str, *, tree: str, salt: bytes) -> bytes:
    """Return the leaf of a task whose package has the digest ``tree`` (``sha256:<hex>``).

    H(0x00 ‖ "pta-leaf-v1\\0" ‖ salt ‖ H(task id) ‖ H(domain) ‖ tree_hash), every part in bytes.
    """
    parts = (_LEAF, LEAF_LABEL, salt, _hash(task.encode()), _hash(domain.encode()), _bytes_of(tree))
    return _hash(b"".join(parts))


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of leaves in their order; raises ValueError where there is none."""
    if not leaves:
        raise ValueError("no leaves: an empty suite has no root")
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from one leaf to the root, nearest first (the audit path of RFC 6962)."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"no leaf {index} among {len(leaves)}")
    path, level, at = [], list(leaves), index
    while len(level) > 1:
        if at ^ 1 < len(level):
            path.append(level[at ^ 1])
        level, at = _above(level), at // 2
    return path


def root_by(proof: Sequence[bytes], leaf: bytes, *, index: int, count: int) -> bytes | None:
    """Return the root that a proof leads to from one of ``count`` leaves, None where it has not the right length."""
    if not 0 <= index < count:
        return None
    rest, found, at, last = list(proof), leaf, index, count - 1
    while last:
        if at % 2 or at < last:
            if not rest:
                return None
            other = rest.pop(0)
            found = _node(other, found) if at % 2 else _node(found, other)
        at, last = at // 2, last // 2
    return None if rest else found


def opaque_ids(key: bytes, tasks: Sequence[str]) -> Mapping[str, str]:
    """Return the name that each task has until the reveal, ``T-001`` and so on: a permutation that the key draws."""
    wide = max(3, len(str(len(tasks))))
    drawn = sorted(tasks, key=lambda task: hmac.digest(key, NAME_LABEL + task.encode(), "sha256"))
    return {task: f"T-{number:0{wide}d}" for number, task in enumerate(drawn, start=1)}


def _above(level: Sequence[bytes]) -> list[bytes]:
    """Return the next level of the tree: pairing from the left and carrying an odd one up is RFC 6962's split."""
    nodes = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
    return [*nodes, level[-1]] if len(level) % 2 else nodes


def _node(left: bytes, right: bytes) -> bytes:
    return _hash(_NODE + left + right)


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _bytes_of(digest: str) -> bytes:
    data = bytes.fromhex(digest.removeprefix("sha256:"))
    if len(data) != 32:
        raise ValueError(f"{digest!r} is no SHA-256 digest")
    return data
