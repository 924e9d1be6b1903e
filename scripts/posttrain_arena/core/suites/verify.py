"""Hold a sealed suite's records against their own hashes, and against the packages that were revealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from posttrain_arena.core.suites import commitment
from posttrain_arena.core.suites.rules import sealed_problems
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.sealed_suite import RevealedSuite, RevealedTask, SealedSuite
from posttrain_arena.model.suite import Suite


def record_faults(record: SealedSuite) -> Iterator[str]:
    """Yield what a public record says that its leaves do not give."""
    leaves = [row.leaf for row in record.leaves]
    if record.n != len(leaves):
        yield f"n: says {record.n}, and there are {len(leaves)} leaves"
    if leaves != sorted(set(leaves)):
        yield "leaves: must be in the order of their bytes, each once"
    found = commitment.root([bytes.fromhex(leaf) for leaf in leaves]).hex()
    if record.root != found:
        yield f"root: says {record.root}, and the leaves give {found}"
    counted = dict(sorted(Counter(row.domain for row in record.leaves).items()))
    if record.domains != counted:
        yield f"domains: says {_counts(record.domains)}, and the leaves are {_counts(counted)}"


def rule_faults(record: SealedSuite, competition: Competition) -> Iterator[str]:
    """Yield what a public record breaks of the competition's rules; its root is the one that was published."""
    yield from sealed_problems(record.domains, competition)
    published = competition.suites.sealed.root
    if published not in (None, record.root):
        yield f"root: is {record.root}, and competition.yaml (suites.sealed.root) says {published}"


def revealed_faults(record: SealedSuite, revealed: RevealedSuite) -> Iterator[str]:
    """Yield what a revealed record says that the public one does not confirm, by task."""
    if (revealed.root, revealed.n) != (record.root, record.n):
        yield f"root, n: are of another suite ({revealed.root} of {revealed.n}, not {record.root} of {record.n})"
    for name in ("id", "opaque", "leaf"):
        twice = [value for value, count in Counter(getattr(task, name) for task in revealed.tasks).items() if count > 1]
        yield from (f"{value}: two tasks have this {name}" for value in twice)
    for task in revealed.tasks:
        yield from (f"{task.opaque} ({task.id}): {fault}" for fault in _task_faults(task, record))
    if revealed.key is not None:
        yield from _key_faults(revealed, bytes.fromhex(revealed.key), record.n)


def package_faults(revealed: RevealedSuite, suite: Suite) -> Iterator[str]:
    """Yield which packages in a folder are not those that were revealed."""
    found = {task.id: task for task in suite.tasks}
    for task in revealed.tasks:
        package = found.pop(task.id, None)
        if package is None:
            yield f"{task.opaque} ({task.id}): its package is not in the folder"
        elif package.digest != task.tree:
            yield f"{task.opaque} ({task.id}): its files are not those that were sealed ({package.digest})"
        elif package.domain != task.domain:
            yield f"{task.opaque} ({task.id}): is of the domain {package.domain}, and {task.domain} was sealed"
    if revealed.key is not None:
        yield from (f"{name}: is in the folder and was not revealed" for name in sorted(found))


def _task_faults(task: RevealedTask, record: SealedSuite) -> Iterator[str]:
    leaf = commitment.leaf(task.id, task.domain, tree=task.tree, salt=bytes.fromhex(task.salt))
    if leaf.hex() != task.leaf:
        yield f"leaf: says {task.leaf}, and id, domain, tree and salt give {leaf.hex()}"
    proof = [bytes.fromhex(step) for step in task.proof]
    found = commitment.root_by(proof, bytes.fromhex(task.leaf), index=task.index, count=record.n)
    if found is None or found.hex() != record.root:
        yield "proof: does not lead from its leaf to the root of the public record"
    row = record.leaves[task.index] if task.index < len(record.leaves) else None
    if row is None or (row.leaf, row.domain) != (task.leaf, task.domain):
        yield f"index, domain: the public record has no such leaf of {task.domain} in place {task.index}"


def _key_faults(revealed: RevealedSuite, key: bytes, count: int) -> Iterator[str]:
    if len(revealed.tasks) != count:
        yield f"tasks: {len(revealed.tasks)} of {count}: with the key all of them are revealed"
    names = commitment.opaque_ids(key, [task.id for task in revealed.tasks])
    for task in revealed.tasks:
        if commitment.salt(key, task.id).hex() != task.salt:
            yield f"{task.opaque} ({task.id}): salt: is not the one that the key gives"
        if names[task.id] != task.opaque:
            yield f"{task.opaque} ({task.id}): opaque: the key calls it {names[task.id]}"
    if [task.opaque for task in revealed.tasks] != sorted(names.values()):
        yield "tasks: must be in the order of their opaque ids"


def _counts(domains: dict[str, int]) -> str:
    return ", ".join(f"{count} {domain}" for domain, count in sorted(domains.items()))
