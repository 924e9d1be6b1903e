"""A pull request on the played GitHub Actions: its checks, its labels, and the machines that are rented for it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from act_harness import Actions
from act_run import Ran
from kept_machines import KeptMachines
from launches import documents_of_a_run, report
from played_contest import ENTRY

from posttrain_arena.core.launch.ledger import read_ledger
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import Launch

LABEL = "post-train"
PACKAGE = f"{ENTRY}/envs/copy-word-train-000"


def of_one_package(files: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    """Return the files of an entry without all its packages but one."""
    return {path: data for path, data in files.items() if "/envs/" not in path or path.startswith(PACKAGE)}


class Asking:
    """A fork's pull request, a maintainer, and what was launched for it."""

    def __init__(self, actions: Actions, files: Mapping[str, bytes | None]) -> None:
        self.actions = actions
        self.github = actions.github
        self.github.permissions |= {"maint": "write", "other": "read"}
        self.pull = self.github.open_pull("north", "entry", dict(files))

    def green(self) -> None:
        """Have the checks passed."""
        self.github.statuses[self.github.head(self.pull)] = [
            {"context": name, "state": "success", "description": ""} for name in ("arena/files", "arena/trials")
        ]

    def label(self, *, by: str = "maint") -> Ran:
        self.pull.labels.append(LABEL)
        self.actions.pull_event(self.pull, "labeled", sender=by, label=LABEL)
        ((name, ran),) = self.actions.drain()
        assert name == "post-train"
        return ran

    @property
    def machines(self) -> KeptMachines:
        return KeptMachines(self.github.store.folder.parent / "machines")

    def statuses(self) -> dict[str, str]:
        told = self.github.statuses.get(self.github.head(self.pull), [])
        return {one["context"]: one["state"] for one in told}

    def comment(self, marker: str = "arena:") -> str:
        """Return the one comment of a kind."""
        said = [one["body"] for one in self.github.comments_on(self.pull.number)]
        (only,) = (body for body in said if marker in body.partition("\n")[0])
        return str(only)

    def ledger(self) -> dict[bool, Launch]:
        """Return the entry's launch and its baseline's, by whether it is the entry's."""
        folder = self.actions.folder / "ledger"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        archive = self.actions.folder / "ledger.tar"
        archive.write_bytes(self.github.store.git("archive", "--format=tar", "refs/heads/ledger"))
        shutil.unpack_archive(archive, folder, "tar", filter="data")
        return {bool(launch.entry): launch for launch in read_ledger(folder)}

    def collect(self) -> list[tuple[str, Ran]]:
        self.actions.deliver("schedule", {"schedule": "7,37 * * * *"})
        return self.actions.drain()

    def home(self, ran: Ran) -> dict[str, dict[str, str]]:
        """Return what the machines of a planned job send home, by stage."""
        folder = ran.folder / "job"
        shutil.unpack_archive(ran.artifact("job") / "job.tar", folder, "tar", filter="data")
        return documents_of_a_run(documents.read_document(folder / "job.json", Job))

    def finish(self, ran: Ran) -> list[tuple[str, Ran]]:
        """Let the machines end well, stage after stage, with a collector between; return what the last one led to."""
        home, launched = self.home(ran), self.ledger()
        led: list[tuple[str, Ran]] = []
        for own, stage in ((False, "baseline"), (True, "post-train"), (True, "evaluate")):
            name = f"{launched[own].name}-{stage}"
            self.machines.stands(name, "SUCCEEDED", seconds=3600, told=report(stage), files=home[stage])
            led = self.collect()
        return led
