"""Hold a suite against the competition's rules: its size, its mix of domains, its bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

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
    total = len(suite.tasks)
    known = {domain.slug for domain in competition.domains}
    for slug, count in sorted(Counter(task.domain for task in suite.tasks).items()):
        if slug not in known:
            yield f"{slug!r} is no domain of competition.yaml: {', '.join(_of_domain(suite, slug))}"
        if _over_share(count, total, competition):
            names = ", ".join(_of_domain(suite, slug))
            yield f"{_share(slug, count, total, competition)}: take some out ({names}), or add tasks of other domains"


def _over_share(count: int, total: int, competition: Competition) -> bool:
    return count > competition.suites.max_domain_share * total + 1e-9


def _share(slug: str, count: int, total: int, competition: Competition) -> str:
    cap = competition.suites.max_domain_share
    return f"{count} of {total} tasks are of {slug}, {count / total:.1%} where at most {cap:.0%} may be"


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


def sealed_problems(domains: Mapping[str, int], competition: Competition) -> Iterator[str]:
    """Yield what rules a sealed suite with so many tasks per domain breaks, without the name of a task."""
    stated, total = competition.suites.sealed, sum(domains.values())
    for slug in sorted(domains.keys() - {domain.slug for domain in competition.domains}):
        yield f"{slug!r} is no domain of competition.yaml: the category of {domains[slug]} tasks"
    for domain in competition.domains:
        count = domains.get(domain.slug, 0)
        if _over_share(count, total, competition):
            yield f"{_share(domain.slug, count, total, competition)}: take some out, or add tasks of other domains"
        if count < stated.min_per_domain:
            what = f"{count} tasks are of {domain.slug} where a sealed suite has at least {stated.min_per_domain}"
            yield f"{what}: add tasks of it"
    if total != stated.tasks:
        yield f"{total} tasks where competition.yaml (suites.sealed.tasks) says {stated.tasks}"
