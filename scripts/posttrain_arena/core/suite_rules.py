"""Hold a suite against the competition's rules: its size, its mix of domains, its bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from posttrain_arena.model import documents
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.suite import Suite

PUBLIC_SAMPLE = "public-sample"


def suite_problems(suite: Suite, competition: Competition) -> Iterator[str]:
    """Yield what is wrong with a suite as a whole, each with its remedy."""
    yield from _domain_problems(suite, competition)
    if suite.name == PUBLIC_SAMPLE:
        yield from _sample_problems(suite, competition)


def _domain_problems(suite: Suite, competition: Competition) -> Iterator[str]:
    total, cap = len(suite.tasks), competition.suites.max_domain_share
    known = {domain.slug for domain in competition.domains}
    for slug, count in sorted(Counter(task.domain for task in suite.tasks).items()):
        if slug not in known:
            yield f"{slug!r} is no domain of competition.yaml: {', '.join(_of_domain(suite, slug))}"
        if count > cap * total + 1e-9:
            share = f"{count} of {total} tasks are of {slug}, {count / total:.1%} where at most {cap:.0%} may be"
            yield f"{share}: take some out ({', '.join(_of_domain(suite, slug))}), or add tasks of other domains"


def _of_domain(suite: Suite, slug: str) -> list[str]:
    return [task.id for task in suite.tasks if task.domain == slug]


def _sample_problems(suite: Suite, competition: Competition) -> Iterator[str]:
    stated = competition.suites.public_sample
    if len(suite.tasks) != stated.tasks:
        yield f"{len(suite.tasks)} tasks where competition.yaml (suites.public_sample.tasks) says {stated.tasks}"
    digest = documents.digest(documents.to_document(suite))
    if stated.digest != digest:
        where = "competition.yaml (suites.public_sample.digest)"
        yield f"the suite's digest is {digest}, and {where} says {stated.digest or 'nothing'}: write it there"


def drift(pinned: Suite, found: Suite) -> Iterator[str]:
    """Yield what a folder holds that its suite.json does not, and the other way round."""
    before = {task.id: task for task in pinned.tasks}
    after = {task.id: task for task in found.tasks}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"{name}: in suite.json and not in the folder"
        elif name not in before:
            yield f"{name}: in the folder and not in suite.json"
        elif before[name] != after[name]:
            yield f"{name}: is not what suite.json pins ({after[name].digest}, not {before[name].digest})"
