"""A sealed suite with a leaderboard and an operator's private result, for the tests of both."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from sealed_suites import Sealed
from synthetic_runs import facts

from posttrain_arena.cli.main import main
from posttrain_arena.cli.private_files import read_key
from posttrain_arena.cli.results import make_run
from posttrain_arena.cli.suite_sources import read_suite_folder
from posttrain_arena.core.suites.seal import opaque
from posttrain_arena.model import documents
from posttrain_arena.model.documents import digest
from posttrain_arena.model.evaluation import Evaluation, LostTrial, TaskRewards
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.sealed_suite import SealedSuite
from posttrain_arena.model.suite import OpaqueSuite


@dataclass(frozen=True)
class Contest:
    """A sealed suite, a leaderboard, and the operator's private result."""

    sealed: Sealed
    board: Path
    private: Path
    run: LeaderboardRun

    def leaderboard(self, action: str, *words: str | Path) -> int:
        return main(["leaderboard", action, "--leaderboard", str(self.board), *map(str, words)])

    def verify(self, *words: str | Path) -> int:
        return self.leaderboard("verify", "--competition", self.sealed.competition, *words)

    def reveal(self) -> int:
        return self.sealed.reveal("--leaderboard", self.board, "--runs", self.private)

    @property
    def hidden(self) -> Path:
        return self.board / "sealed" / "runs" / f"{self.run.id}.json"

    @property
    def public(self) -> Path:
        return self.board / "runs" / f"{self.run.id}.json"


def measured(view: OpaqueSuite, stage: str, rate: float, *, k: int = 4) -> Evaluation:
    """Return rewards on the sealed suite that were made up, with one lost trial."""
    rng = random.Random(stage)
    tasks = [
        TaskRewards(
            id=task.id,
            digest=task.digest,
            domain=task.domain,
            group=task.group,
            rewards=tuple(float(number > 0 and rng.random() < rate) for number in range(k)),
            lost=(LostTrial(attempt=0, reason="engine"),) if (stage, task.id) == ("grpo", "T-001") else (),
        )
        for task in view.tasks
    ]
    return Evaluation(
        stage=stage,
        checkpoint=digest(stage),
        suite=view.name,
        suite_digest=view.digest,
        trials_per_task=k,
        seed=1,
        tasks=tuple(tasks),
    )


def view_of(sealed: Sealed) -> OpaqueSuite:
    suite = read_suite_folder(sealed.suite).suite
    return opaque(suite, documents.read_document(sealed.record, SealedSuite), read_key(sealed.key))[0]


def result(view: OpaqueSuite, name: str = "quiet-harbour", *, rate: float = 0.9) -> LeaderboardRun:
    stages = tuple(measured(view, stage, value) for stage, value in (("base", 0.1), ("sft", 0.5), ("grpo", rate)))
    return make_run(facts(name, baseline=stages[0], evaluations=stages))
