"""A pull request with an entry, maintainers, rented machines, and the actions of the bot on them."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fake_github import NAME, FakeGitHub
from launches import COMPUTE, RentedMachines, desk, documents_of_a_run, report

from posttrain_arena.adapters.github.ledger import pull_ledger
from posttrain_arena.cli import plan
from posttrain_arena.cli.bot.collect import collect
from posttrain_arena.cli.bot.context import BotContext
from posttrain_arena.cli.bot.launch import launch_planned
from posttrain_arena.cli.demo_kit import RECIPES
from posttrain_arena.core.contest.train_comment import MARKER
from posttrain_arena.core.launch.ledger import read_ledger
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import Launch

ENTRY = "submissions/team-north"


class Contest:
    """A pull request that is green, maintainers, machines, and the bot's actions on it."""

    def __init__(self, github: FakeGitHub, folder: Path, files: Mapping[str, bytes | None]) -> None:
        self.github = github
        self.folder = folder
        self.machines = RentedMachines()
        self.pull = github.open_pull("north", "entry", dict(files))
        github.permissions |= {"maint": "write", "other": "read"}
        self.green()

    def green(self) -> None:
        self.github.statuses[self.head] = [
            {"context": name, "state": "success", "description": ""} for name in ("arena/files", "arena/trials")
        ]

    @property
    def head(self) -> str:
        return self.github.head(self.pull)

    def context(self, action: str, *, actor: str = "maint", label: str = "post-train", **more: Any) -> BotContext:
        payload = {
            "action": action,
            "pull_request": {
                "number": self.pull.number,
                "head": {"sha": self.head},
                "labels": [{"name": name} for name in self.pull.labels],
            },
            "sender": {"login": actor, "type": "User"},
            **({"label": {"name": label}} if "label" in action else {}),
            **more,
        }
        return BotContext(
            name=NAME,
            token="token",
            api=self.github.url,
            server="https://github.com",
            payload=payload,
            desk=lambda ledger: desk(ledger, self.machines, COMPUTE),
        )

    def plan(self) -> Path:
        """Plan the job as the workflow does, on a checkout of the head."""
        tree, out = self.folder / "tree", self.folder / "job"
        for made in (tree, out):
            shutil.rmtree(made, ignore_errors=True)
        tree.mkdir()
        archive = self.github.store.git("archive", "--format=tar", self.head)
        (self.folder / "tree.tar").write_bytes(archive)
        shutil.unpack_archive(self.folder / "tree.tar", tree, "tar", filter="data")
        recipe = RECIPES / "tiny-short.yaml"
        plan.run(argparse.Namespace(tree=tree, entry=ENTRY, recipe=recipe, seed=0, sealed=False, out=out))
        return out / "job.json"

    def label(self, **more: Any) -> None:
        """Have a maintainer set the label, and the workflow run through."""
        self.pull.labels = sorted({*self.pull.labels, "post-train"})
        launch_planned(self.context("labeled", **more), self.plan())

    def ledger(self) -> dict[str, Launch]:
        folder = self.folder / "ledger-seen"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        pull_ledger(self.context("labeled").repository, folder)
        return {launch.name: launch for launch in read_ledger(folder)}

    def own(self) -> Launch:
        (launch,) = (launch for launch in self.ledger().values() if launch.entry)
        return launch

    def comment(self) -> str:
        (comment,) = (one for one in self.github.comments_on(self.pull.number) if one["body"].startswith(MARKER))
        return str(comment["body"])

    def finish(self) -> None:
        """Let every machine end well, stage after stage, with a collector between."""
        job = documents.read_document(self.folder / "job" / "job.json", Job)
        home = documents_of_a_run(job)
        own = self.own()
        for name, stage in ((own.baseline, "baseline"), (own.name, "post-train"), (own.name, "evaluate")):
            told = report(stage)
            self.machines.stands(f"{name}-{stage}", "SUCCEEDED", seconds=3600, told=told, files=home[stage])
            assert collect(self.context("labeled"))

    def runs(self) -> list[str]:
        listed = self.github.store.git("ls-tree", "-r", "--name-only", "refs/heads/main", "leaderboard/").decode()
        return listed.split()
