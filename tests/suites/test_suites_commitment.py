"""The commitment is the one that is defined: known answers, a second implementation, and the laws of its tree."""

from __future__ import annotations

import hashlib
from pathlib import Path

import plain_commitment as plain
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posttrain_arena.core.suites import commitment
from posttrain_arena.model.tree import tree_digest

KEY = bytes(range(32))
KNOWN = {
    "task-a": (
        ("sciences", b"abc"),
        "65e7088e0310ed823d8809e9a89618345d67c4d61cd42260f00511523199c269",
        "3f89300267c80522c5c02809abcba20c348885bf35e3f86f90fbeb6dd1e271ac",
        "6c19ff7083a5c023ccea291b65a9c5c249013e1c9887a7f505f5885e073e0753",
    ),
    "task-b": (
        ("cybersecurity", b"echo hello"),
        "6915cc2da192fbed8e03dd1aeb053b24df680e2411fa3906f7605df91db1b8fa",
        "bb41870806eba146276ee5c38a3a510e99ce3c5a601d8ac74a31be3f30e54241",
        "6ca62a0c3c4cb66210e5b1b269bd0357c38627efaba44a75fc216dc79f7d4c55",
    ),
    "task-c": (
        ("sciences", b"x"),
        "08b56ff136d5cb16be92559099554b959da060b63ea03343f7f2f482d276a9c7",
        "dbd4a21e9daa795c8b4776fa99268c9c23fa35c1acce3a7fc22d9c1fe17c05dc",
        "85c1b2220a9b589352a71b974567a905ef31e3314f03ee30c124edc8feb4ea32",
    ),
}
"""Task → (domain and executable oracle/solve.sh), salt, tree hash, leaf: made with sha256sum and openssl."""

ROOT = "e0da4057dc7ed4a7887670830228085302499f1bc7a4705ba0f55f09ebcd416a"
REFERENCE_INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
REFERENCE_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Inputs and roots that logs of Certificate Transparency are tested with."""

hashes = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70, unique=True)
ids = st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=30, unique=True)


def _write(folder: Path, task: str) -> Path:
    path = folder / task / "oracle" / "solve.sh"
    path.parent.mkdir(parents=True)
    path.write_bytes(KNOWN[task][0][1])
    path.chmod(0o755)
    return folder / task


@pytest.mark.parametrize("task", KNOWN)
def test_salt_tree_and_leaf_are_the_known_ones(task: str, tmp_path: Path) -> None:
    (domain, _), salt, tree, leaf = KNOWN[task]
    folder = _write(tmp_path, task)
    assert commitment.salt(KEY, task).hex() == salt == plain.salt(KEY, task).hex()
    assert tree_digest(folder) == f"sha256:{tree}"
    assert plain.tree_hash(folder).hex() == tree
    found = commitment.leaf(task, domain, tree=f"sha256:{tree}", salt=bytes.fromhex(salt))
    assert found.hex() == leaf == plain.leaf(KEY, task, domain, bytes.fromhex(tree)).hex()


def test_the_root_over_the_known_leaves_is_the_known_one() -> None:
    leaves = sorted(bytes.fromhex(known[3]) for known in KNOWN.values())
    assert commitment.root(leaves).hex() == ROOT == plain.merkle_root(leaves).hex()
    assert commitment.opaque_ids(KEY, sorted(KNOWN)) == {"task-b": "T-001", "task-a": "T-002", "task-c": "T-003"}


def test_the_tree_is_that_of_certificate_transparency() -> None:
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(data)).digest() for data in REFERENCE_INPUTS]
    roots = [commitment.root(leaves[:count]).hex() for count in range(1, len(leaves) + 1)]
    assert roots == list(REFERENCE_ROOTS)


@given(hashes)
def test_both_implementations_give_one_root_and_one_proof(leaves: list[bytes]) -> None:
    root = commitment.root(leaves)
    assert root == plain.merkle_root(leaves)
    for index, leaf in enumerate(leaves):
        proof = commitment.proof(leaves, index)
        assert proof == plain.audit_path(index, leaves)
        assert commitment.root_by(proof, leaf, index=index, count=len(leaves)) == root
        assert plain.root_from(proof, leaf, index, len(leaves)) == root


@given(hashes, st.data())
def test_a_changed_proof_leads_elsewhere(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = commitment.proof(leaves, index), commitment.root(leaves)
    place = data.draw(st.integers(0, 32 * (len(proof) + 1) - 1))
    changed = bytearray(b"".join([leaves[index], *proof]))
    changed[place] ^= data.draw(st.integers(1, 255))
    parts = [bytes(changed[at : at + 32]) for at in range(0, len(changed), 32)]
    assert commitment.root_by(parts[1:], parts[0], index=index, count=len(leaves)) != root
    assert commitment.root_by([*proof, root], leaves[index], index=index, count=len(leaves)) is None
    assert commitment.root_by(proof, leaves[index], index=len(leaves), count=len(leaves)) is None
    if proof:
        assert commitment.root_by(proof[:-1], leaves[index], index=index, count=len(leaves)) is None


def test_what_has_no_root_or_proof_is_refused() -> None:
    with pytest.raises(ValueError, match="no leaves"):
        commitment.root([])
    with pytest.raises(ValueError, match="no leaf 3 among 2"):
        commitment.proof([b"a" * 32, b"b" * 32], 3)
    with pytest.raises(ValueError, match="no SHA-256 digest"):
        commitment.leaf("a", "b", tree="sha256:00", salt=b"s" * 32)


@given(ids, st.binary(min_size=32, max_size=32), st.randoms())
def test_opaque_ids_are_a_permutation_that_order_does_not_change(tasks: list[str], key: bytes, random) -> None:
    names = commitment.opaque_ids(key, tasks)
    assert sorted(names.values()) == [f"T-{number:03d}" for number in range(1, len(tasks) + 1)]
    shuffled = random.sample(tasks, len(tasks))
    assert commitment.opaque_ids(key, shuffled) == names


def test_another_key_draws_another_permutation() -> None:
    tasks = [f"task-{number}" for number in range(100)]
    permutations = [commitment.opaque_ids(bytes([number]) * 32, tasks) for number in range(20)]
    drawn = [tuple(names[task] for task in tasks) for names in permutations]
    assert len(set(drawn)) == len(drawn)
    places = [names.index("T-001") for names in drawn]
    assert len(set(places)) > 10, "where a task comes to lie does not follow from its name"
