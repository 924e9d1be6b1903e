"""Seal a suite, name its tasks until the reveal, and reveal them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from posttrain_arena.core.suites import commitment
from posttrain_arena.errors import UsageError
from posttrain_arena.model.sealed_suite import RevealedSuite, RevealedTask, SealedLeaf, SealedSuite, SuiteKey
from posttrain_arena.model.suite import SEALED, OpaqueSuite, Suite, SuiteTask


def seal(suite: Suite, key: bytes) -> SealedSuite:
    """Return the public record of a suite under a master key."""
    domains = {task.id: task.domain for task in suite.tasks}
    rows = sorted((leaf, domains[task]) for task, leaf in leaves_of(suite, key).items())
    return SealedSuite(
        n=len(rows),
        root=commitment.root([leaf for leaf, _ in rows]).hex(),
        leaves=tuple(SealedLeaf(leaf=leaf.hex(), domain=domain) for leaf, domain in rows),
        domains=dict(sorted(Counter(domains.values()).items())),
    )


def leaves_of(suite: Suite, key: bytes) -> dict[str, bytes]:
    """Return the leaf of every task by its id."""
    return {
        task.id: commitment.leaf(task.id, task.domain, tree=task.digest, salt=commitment.salt(key, task.id))
        for task in suite.tasks
    }


def opaque(suite: Suite, record: SealedSuite, key: SuiteKey) -> tuple[OpaqueSuite, Mapping[str, str]]:
    """Return the suite as results may tell of it, and the real id of each task by its opaque one.

    Raises UsageError where the suite is not the one that was sealed.
    """
    for fault in suite_faults(suite, record, key):
        raise UsageError(fault)
    names, leaves = commitment.opaque_ids(key.secret, [task.id for task in suite.tasks]), leaves_of(suite, key.secret)
    tasks = [
        SuiteTask(
            id=names[task.id],
            path=names[task.id],
            digest=f"sha256:{leaves[task.id].hex()}",
            domain=task.domain,
            group=SEALED,
        )
        for task in suite.tasks
    ]
    view = OpaqueSuite(name=SEALED, tasks=tuple(sorted(tasks, key=lambda task: task.id)), root=record.root)
    return view, {name: task for task, name in names.items()}


def suite_faults(suite: Suite, record: SealedSuite, key: SuiteKey) -> Iterator[str]:
    """Yield what of a suite is not what was sealed under this key."""
    if key.root != record.root:
        yield f"the key is that of another suite: its root is {key.root}, the record's {record.root}"
        return
    sealed = {row.leaf for row in record.leaves}
    found = {task: leaf.hex() for task, leaf in leaves_of(suite, key.secret).items()}
    others = sorted(task for task, leaf in found.items() if leaf not in sealed)
    if len(others) == len(found):
        yield "no task of the suite was sealed under this key: name the folder and the key that belong together"
        return
    for task in others:
        yield f"{task}: was not sealed like this: its files, its name or its domain changed, or it was added"
    missing = len(sealed - set(found.values())) - len(others)
    if missing > 0:
        yield f"{missing} of the {record.n} sealed tasks are not in the suite: put them back"


def reveal(suite: Suite, record: SealedSuite, key: SuiteKey, *, only: Collection[str] = ()) -> RevealedSuite:
    """Return the revealed record of all tasks, with the key; or of some of them, without it.

    Raises UsageError where the suite is not the one that was sealed, or has no such task.
    """
    for fault in suite_faults(suite, record, key):
        raise UsageError(fault)
    unknown = sorted(set(only) - {task.id for task in suite.tasks})
    if unknown:
        raise UsageError(f"{unknown[0]}: the suite has no such task")
    leaves = [bytes.fromhex(row.leaf) for row in record.leaves]
    names, own = commitment.opaque_ids(key.secret, [task.id for task in suite.tasks]), leaves_of(suite, key.secret)
    places = {task: leaves.index(leaf) for task, leaf in own.items()}
    tasks = [
        RevealedTask(
            id=task.id,
            opaque=names[task.id],
            domain=task.domain,
            tree=task.digest,
            salt=commitment.salt(key.secret, task.id).hex(),
            leaf=own[task.id].hex(),
            index=places[task.id],
            proof=tuple(step.hex() for step in commitment.proof(leaves, places[task.id])),
        )
        for task in suite.tasks
        if not only or task.id in only
    ]
    return RevealedSuite(
        n=record.n,
        root=record.root,
        key=None if only else key.key,
        tasks=tuple(sorted(tasks, key=lambda task: task.opaque)),
    )
