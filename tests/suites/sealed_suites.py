"""Small suites made of the kit's families, the rules that they keep, and their sealing, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from posttrain_arena.cli.main import main
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.model import documents
from posttrain_arena.model.sealed_suite import SealedSuite

DOMAINS = ("sciences", "cybersecurity", "software-engineering")


@dataclass(frozen=True)
class Sealed:
    """A sealed suite in folders of its own; ``competition`` is the file whose rules it keeps."""

    suite: Path
    record: Path
    key: Path
    competition: Path

    @property
    def root(self) -> str:
        return documents.read_document(self.record, SealedSuite).root

    @property
    def revealed(self) -> Path:
        return self.record.with_name("revealed.json")

    def verify(self, *more: str | Path) -> int:
        return run("verify", self.record, "--competition", self.competition, *more)

    def reveal(self, *more: str | Path) -> int:
        return run("reveal", self.suite, "--record", self.record, "--key", self.key, "--out", self.revealed, *more)


def run(*words: str | Path) -> int:
    """Run ``arena suite``."""
    return main(["suite", *map(str, words)])


def make_suite(folder: Path, *, per_domain: int = 2, domains: tuple[str, ...] = DOMAINS) -> Path:
    """Write packages of a family, so many for each domain."""
    wanted = Draw(split="held-out", count=per_domain * len(domains), seed=0)
    for number, package in enumerate(render_family(FAMILIES / "copy-colour", wanted, out=folder)):
        text = (package / "task.md").read_text(encoding="utf-8")
        (category,) = [line for line in text.splitlines() if line.strip().startswith("category:")]
        changed = category.partition(":")[0] + f": {domains[number % len(domains)]}"
        (package / "task.md").write_text(text.replace(category, changed), encoding="utf-8")
    return folder


def rules(path: Path, *, tasks: int, per_domain: int, root: str | None = None) -> Path:
    """Write a competition.yaml for suites of a few tasks in DOMAINS."""
    doc = yaml.safe_load((documents.REPOSITORY_ROOT / "competition.yaml").read_text(encoding="utf-8"))
    doc["domains"] = [domain for domain in doc["domains"] if domain["slug"] in DOMAINS]
    doc["suites"]["max_domain_share"] = 0.4
    doc["suites"]["sealed"] |= {"tasks": tasks, "min_per_domain": per_domain, "root": root}
    path.write_text(yaml.safe_dump(doc), encoding="utf-8")
    return path


def seal_suite(folder: Path, *, leaderboard: Path | None = None) -> Sealed:
    """Make a suite of two tasks a domain and seal it."""
    suite = make_suite(folder / "private" / "suite")
    tasks = 2 * len(DOMAINS)
    competition = rules(folder / "competition.yaml", tasks=tasks, per_domain=2)
    record = (leaderboard or folder / "leaderboard") / "sealed" / "suite.json"
    sealed = Sealed(suite=suite, record=record, key=folder / "private" / "suite.key", competition=competition)
    assert run("seal", suite, "--out", record, "--key", sealed.key, "--competition", competition) == 0
    rules(competition, tasks=tasks, per_domain=2, root=sealed.root)
    return sealed
