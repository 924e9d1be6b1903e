"""From a pull request's webhook to its comment, for one changed package whose image is built: seconds, by step.

Runs check, gauntlet and report with act, from their files, against a GitHub of this machine. What a real runner adds is
the time until it starts, and the set-up of packages, which are here already. Ends with 1 where it takes over LIMIT_SEC.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from act_contest import PACKAGE, Asking, of_one_package
from act_harness import project_in, with_project
from fake_github import FakeGitHub, served
from played_contest import ENTRY

from posttrain_arena.cli.demo_kit import SHORT, make_kit

LIMIT_SEC = 120.0
WORKFLOWS = ("check", "gauntlet", "report")


def main() -> int:
    """Open a pull request, which builds its image; push to it; time the second answer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        github = FakeGitHub(folder)
        github.store.write("main", {"README.md": b"# Arena\n"})
        entry = make_kit(folder / "kit", SHORT).entry
        files = {f"{ENTRY}/{path.relative_to(entry)}": path.read_bytes() for path in entry.rglob("*") if path.is_file()}
        with served(github):
            actions = with_project(github, project_in(folder), folder / "actions")
            actions.only = WORKFLOWS
            asking = Asking(actions, of_one_package(files))
            actions.pull_event(asking.pull, "opened")
            actions.drain()
            github.push(asking.pull, {f"{PACKAGE}/task.md": files[f"{PACKAGE}/task.md"] + b"\nMore words.\n"})
            return _measured(asking)


def _measured(asking: Asking) -> int:
    before = asking.comment()
    began = time.monotonic()
    asking.actions.pull_event(asking.pull, "synchronize")
    ran = asking.actions.drain()
    total = time.monotonic() - began
    if any(one.conclusion != "success" for _, one in ran) or asking.comment() == before:
        raise SystemExit("\n".join(one.text for _, one in ran))
    print("| Workflow | Job | Step | Seconds |\n| --- | --- | --- | --- |")
    for name, one in ran:
        for job, step, seconds in one.steps:
            print(f"| {name} | {job} | {step} | {seconds:.1f} |")
    stepped = sum(seconds for _, one in ran for _, _, seconds in one.steps)
    print(f"| | | act between the steps | {total - stepped:.1f} |")
    print(f"pull request: {total:.0f} s from webhook to comment, one package, image built (limit {LIMIT_SEC:.0f})")
    return 0 if total <= LIMIT_SEC else 1


if __name__ == "__main__":
    sys.exit(main())
