"""GitHub Actions for the fake GitHub: events start workflows, their runs queue, and their ends are events again.

``deliver`` queues what an event starts, as ``on:`` and the concurrency groups say; ``drain`` runs what is queued, with
act. A pull request's own event takes the workflow from its merge commit, without secrets; all others from main.
"""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from act_events import example, filled, group_of, starts
from act_run import Asked, Ran, Runner, load, run_with_act
from fake_github import NAME, FakeGitHub, Pull, Run

from posttrain_arena.model.documents import REPOSITORY_ROOT

FOLDER = ".github/workflows/"
_REPOSITORY = {"full_name": NAME, "name": NAME.split("/")[1], "default_branch": "main", "fork": False}


def project_in(folder: Path) -> tuple[Path, str]:
    """Write this project as it lies here, without the tests, into a store; return it and its tree."""
    store = folder / "project.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(store)], check=True)
    git = ["git", f"--git-dir={store}", f"--work-tree={REPOSITORY_ROOT}"]
    subprocess.run([*git, "add", "--all", "--", ".", ":!tests"], check=True, cwd=REPOSITORY_ROOT)
    tree = subprocess.run([*git, "write-tree"], check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run([*git, "update-ref", "refs/trees/project", tree], check=True)
    subprocess.run([*git, "repack", "-a", "-d", "--quiet", "--window=0"], check=True)  # loose files are slow to read
    return store, tree


def with_project(github: FakeGitHub, project: tuple[Path, str], folder: Path) -> Actions:
    """Return workflows that run: the fake's main has the project."""
    store, tree = project
    (github.store.folder / "objects" / "info" / "alternates").write_text(f"{store / 'objects'}\n")
    main = github.store.make_commit("the project", tree, [github.store.ref("refs/heads/main")])
    github.store.move("refs/heads/main", main)
    return Actions(github, folder)


@dataclass
class Queued:
    """A run that has not begun. ``run`` is what the API tells of it."""

    asked: Asked
    run: Run
    group: str


class Actions:
    """What of the events is queued, ran, or was cancelled before it ran."""

    def __init__(self, github: FakeGitHub, folder: Path) -> None:
        self.github = github
        self.folder = folder
        self.queue: list[Queued] = []
        self.ran: list[tuple[str, Ran]] = []
        self.cancelled: list[str] = []
        self.numbers = itertools.count(1)
        self.runner = Runner()
        self.only: tuple[str, ...] = ()
        """Workflows that are there; all where none is named."""
        self._dispatched = 0
        self._asked: dict[int, Asked] = {}

    def pull_event(self, pull: Pull, action: str, *, sender: str | None = None, label: str = "") -> None:
        """Deliver what GitHub sends for a change of a pull request, for both kinds of workflows."""
        facts = self._pull_facts(pull, sender or pull.owner)
        facts |= {"label": {"name": label}} if label else {}
        payload = filled(example("pull_request", action), {"action": action, **facts})
        if not label:
            payload.pop("label", None)
        main = self.github.store.ref("refs/heads/main")
        merge = self._merge(pull, main)
        if merge:
            self._start("pull_request", payload, merge=merge, pull=pull)
        self._start("pull_request_target", payload, pull=pull)

    def deliver(self, event: str, payload: Mapping[str, Any], *, paths: tuple[str, ...] = ()) -> None:
        """Deliver an event of the repository itself."""
        self._start(event, {"repository": _REPOSITORY, **payload}, paths=paths)

    def push(self) -> None:
        """Deliver the push of the commit on top of main."""
        main = self.github.store.ref("refs/heads/main")
        listed = self.github.store.git("diff-tree", "-r", "--name-only", "--no-commit-id", "--root", main).decode()
        payload = filled(example("push"), {"ref": "refs/heads/main", "after": main, "repository": _REPOSITORY})
        self.deliver("push", payload, paths=tuple(listed.splitlines()))

    def drain(self) -> list[tuple[str, Ran]]:
        """Run what is queued and what that leads to; return what ran, in order."""
        began = len(self.ran)
        while self.queue:
            queued = self.queue.pop(0)
            queued.run.status = "in_progress"
            number = next(self.numbers)
            ran = run_with_act(self.github, queued.asked, self.folder / f"run-{number}", self.runner)
            queued.run.status, queued.run.conclusion = "completed", ran.conclusion
            queued.run.artifacts = ran.artifacts()
            self.ran.append((queued.asked.name, ran))
            self.run_event(queued.run, queued.asked.event, "completed")
            self._follow()
        return self.ran[began:]

    def again(self) -> None:
        """Queue the runs that somebody had started again."""
        for run in self.github.runs:
            if run.status == "queued" and not any(one.run is run for one in self.queue):
                self._enqueue(Queued(asked=self._asked[run.id], run=run, group=f"again-{run.id}"), cancels=False)

    def _start(
        self,
        event: str,
        payload: Mapping[str, Any],
        *,
        merge: str = "",
        pull: Pull | None = None,
        paths: tuple[str, ...] = (),
    ) -> None:
        main = self.github.store.ref("refs/heads/main")
        for name, text in self._workflows(merge or main).items():
            workflow = load(text)
            if not starts(workflow["on"], event, payload, paths):
                continue
            asked = Asked(name, text, event, payload, sha=main, merge=merge, from_fork=bool(merge))
            run = Run(
                id=self.github.next_id(),
                workflow=name,
                head=self.github.head(pull) if pull else main,
                owner=pull.owner if pull else NAME.split("/")[0],
                branch=pull.branch if pull else "main",
                status="queued",
            )
            if event == "pull_request":
                self.github.runs.append(run)
            contexts = {"github": {"event": payload, "run_id": run.id}}
            group = group_of(workflow["concurrency"], contexts)
            queued = Queued(asked=asked, run=run, group=group)
            self._asked[run.id] = asked
            concurrency = workflow["concurrency"]
            self._enqueue(
                queued, cancels=concurrency["cancel-in-progress"], most=100 if concurrency.get("queue") == "max" else 1
            )

    def _enqueue(self, queued: Queued, *, cancels: bool, most: int = 1) -> None:
        """Queue a run. A group has one that runs and some that wait; a newer one takes the place of the last."""
        running = [one for one in self.queue if one.group == queued.group]
        for old in running if cancels else running[most:]:
            self.queue.remove(old)
            old.run.status, old.run.conclusion = "completed", "cancelled"
            self.cancelled.append(old.asked.name)
        self.queue.append(queued)
        self.run_event(queued.run, queued.asked.event, "requested")

    def run_event(self, run: Run, event: str, action: str) -> None:
        """Deliver what GitHub sends when a run that an event started begins or ends."""
        if event == "workflow_run":  # of ours none follows another that follows
            return
        facts = {
            "id": run.id,
            "run_attempt": run.attempt,
            "name": run.workflow,
            "event": event,
            "head_sha": run.head,
            "head_branch": run.branch,
            "head_repository": {"owner": {"login": run.owner}, "full_name": f"{run.owner}/{NAME.split('/')[1]}"},
            "conclusion": run.conclusion if action == "completed" else None,
        }
        payload = filled(example("workflow_run", action), {"workflow_run": facts, "repository": _REPOSITORY})
        self._start("workflow_run", payload)

    def _follow(self) -> None:
        """Start what workflows dispatched."""
        new = self.github.dispatched[self._dispatched :]
        self._dispatched = len(self.github.dispatched)
        for one in new:
            name = one["workflow"].partition(".")[0]
            payload = {"repository": _REPOSITORY, "inputs": one.get("inputs") or {}, "ref": one["ref"]}
            main = self.github.store.ref("refs/heads/main")
            text = self._workflows(main).get(name)
            if text is None:
                continue
            assert starts(load(text)["on"], "workflow_dispatch", payload)
            asked = Asked(name, text, "workflow_dispatch", payload, sha=main)
            run = Run(id=self.github.next_id(), workflow=name, head=main, owner="", branch="main", status="queued")
            self._enqueue(Queued(asked=asked, run=run, group=name), cancels=False)

    def _workflows(self, commit: str) -> dict[str, str]:
        store = self.github.store
        listed = store.git("ls-tree", "--name-only", commit, FOLDER).decode().splitlines()
        texts = {Path(path).stem: store.blob(commit, path)[1].decode() for path in listed}
        return {name: text for name, text in texts.items() if not self.only or name in self.only}

    def _merge(self, pull: Pull, main: str) -> str:
        """Return the commit that merging a pull request would make; empty where it conflicts, or is closed."""
        try:
            tree = self.github.store.git("merge-tree", "--write-tree", main, self.github.head(pull)).decode().strip()
        except KeyError:
            return ""
        return self.github.store.make_commit("merge", tree, [main, self.github.head(pull)])

    def _pull_facts(self, pull: Pull, sender: str) -> dict[str, Any]:
        fork = {"full_name": f"{pull.owner}/{NAME.split('/')[1]}", "fork": True, "owner": {"login": pull.owner}}
        return {
            "number": pull.number,
            "repository": _REPOSITORY,
            "sender": {"login": sender, "type": "User"},
            "pull_request": {
                "number": pull.number,
                "state": pull.state,
                "merged": False,
                "user": {"login": pull.owner},
                "labels": [{"name": name} for name in pull.labels],
                "head": {"sha": self.github.head(pull), "ref": pull.branch, "repo": fork},
                "base": {
                    "sha": self.github.store.ref(f"refs/heads/{pull.base}"),
                    "ref": pull.base,
                    "repo": _REPOSITORY,
                },
            },
        }
