"""What every action of the bot is given: the event, the repository, the rules of the competition."""

from __future__ import annotations

import argparse
import datetime
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from github.Repository import Repository

from posttrain_arena.adapters.github.connection import API, connect
from posttrain_arena.adapters.github.seal import VARIABLE, Seal
from posttrain_arena.cli.launch import open_desk
from posttrain_arena.cli.launch_desk import Desk
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.phases import phase_of

PAGES = "pages.yml"
COMPETITION = documents.REPOSITORY_ROOT / "competition.yaml"


def today() -> datetime.date:
    """Return the day in UTC, in which the calendar is written."""
    return datetime.datetime.now(datetime.UTC).date()


@dataclass(frozen=True)
class BotContext:
    """One run of the bot. ``desk`` opens the desk of a ledger; entries are merged into ``branch``.

    A ``rehearsal`` is ``given`` a repository that takes no writes, and keeps no ledger.
    """

    name: str
    token: str
    api: str
    server: str
    payload: dict[str, Any]
    desk: Callable[[Path], Desk] = open_desk
    branch: str = "main"
    given: Repository | None = None
    rehearsal: bool = False

    @cached_property
    def repository(self) -> Repository:
        """The repository, as the token may use it."""
        return self.given or connect(self.token, self.api).get_repo(self.name)

    @cached_property
    def competition(self) -> Competition:
        """The rules, of this checkout: never those of a pull request."""
        return read_competition(COMPETITION)

    @property
    def blind(self) -> bool:
        """Say whether names and scores are hidden today."""
        phase = phase_of(self.competition, today())
        return phase is not None and phase.blind

    @cached_property
    def seal(self) -> Seal | None:
        """What hides results and opens them again; raises UsageError where they are hidden and there is no key."""
        secret = os.environ.get(VARIABLE, "")
        if self.blind and not secret:
            raise UsageError(f"the phase is blind: set the secret {VARIABLE} of the environments (docs/operators.md)")
        return Seal(secret) if secret else None

    def page(self, path: str) -> str:
        """Return the address of a file of the repository."""
        return f"{self.server}/{self.name}/blob/{self.branch}/{path}"

    def run_page(self, run: str) -> str:
        """Return the address of a run's page on the site."""
        return f"{documents.HOME}/runs/{run}.html"


def bot_context(arguments: argparse.Namespace) -> BotContext:
    """Return what the workflow's environment says; raises UsageError with what is missing."""
    wanted = ("GITHUB_REPOSITORY", "GITHUB_TOKEN")
    if missing := [name for name in wanted if not os.environ.get(name)]:
        raise UsageError(f"the bot needs {' and '.join(missing)} in the environment, as workflows have them")
    event = arguments.event or Path(os.environ.get("GITHUB_EVENT_PATH", ""))
    if not event.is_file():
        raise UsageError("name the webhook's payload with --event FILE, or in GITHUB_EVENT_PATH")
    payload = documents.parse_text(event.read_text(encoding="utf-8"), where=str(event))
    if not isinstance(payload, dict):
        raise UsageError(f"{event}: is no webhook's payload")
    return BotContext(
        name=os.environ["GITHUB_REPOSITORY"],
        token=os.environ["GITHUB_TOKEN"],
        api=os.environ.get("GITHUB_API_URL", API),
        server=os.environ.get("GITHUB_SERVER_URL", "https://github.com"),
        payload=payload,
    )


def summarise(text: str) -> None:
    """Show Markdown on the page of the workflow's run."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{text.rstrip()}\n\n")


def hand_on(**values: str) -> None:
    """Tell the workflow's next jobs; the values are names of commits and folders, which have no line breaks."""
    if path := os.environ.get("GITHUB_OUTPUT"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())
