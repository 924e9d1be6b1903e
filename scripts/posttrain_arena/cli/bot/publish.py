"""Commit runs to the leaderboard: with their names, or under aliases and several at once while the phase is blind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.adapters.github.files import Changes, commit_files, read_file
from posttrain_arena.adapters.github.seal import Seal
from posttrain_arena.cli.bot.context import BotContext, hand_on, summarise
from posttrain_arena.cli.results import add_run, make_run
from posttrain_arena.core.leaderboard.attestation import attestation_name
from posttrain_arena.core.leaderboard.blind import GROUP, blind_facts
from posttrain_arena.errors import TakenError, UsageError
from posttrain_arena.model.counted import many
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.markdown import span

FOLDER = "leaderboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A run as it is published: its file in the repository, and the bytes, which follow from its own rewards."""

    path: str
    data: bytes

    @property
    def attestation(self) -> str:
        """Where what was signed for it lies."""
        return attestation_place(self.path)


def attestation_place(path: str) -> str:
    """Return where in the repository what was signed for a published file lies."""
    return f"{FOLDER}/{attestation_name(PurePosixPath(path).relative_to(FOLDER))}"


def publish(context: BotContext, runs: Sequence[LeaderboardRun]) -> dict[str, str]:
    """Have runs on the board and hand on those that nobody signed for; return why some were refused, by their ids."""
    refused: dict[str, str] = {}
    there: list[Placed] = []
    if context.blind:
        there = _publish_blind(context, runs)
    else:
        for run in runs:
            try:
                placed = _placed(run)
                _commit(context, {placed.path: placed.data, **_without_alias(context.seal, run)}, [run.id])
                there.append(placed)
            except (TakenError, UsageError) as error:
                refused[run.id] = str(error)
    _hand_on_unsigned(context, there)
    return refused


def _publish_blind(context: BotContext, runs: Sequence[LeaderboardRun]) -> list[Placed]:
    """Commit what waits under aliases, as soon as the moment does not tell whose it is; the last few never are."""
    seal = context.seal
    if seal is None:
        raise AssertionError("a blind phase has a key")
    every = {alias.id: _placed(alias) for alias in (make_run(blind_facts(run, seal.alias)) for run in runs)}
    waiting = {run: placed for run, placed in every.items() if not _has(context, placed.path)}
    if len(waiting) >= GROUP:
        _commit(context, {placed.path: placed.data for placed in waiting.values()}, sorted(waiting))
        waiting = {}
    elif waiting:
        print(f"{many(len(waiting), 'result')} of this phase: published once there are {GROUP}")
    return [placed for run, placed in every.items() if run not in waiting]


def _without_alias(seal: Seal | None, run: LeaderboardRun) -> Changes:
    """Return that the run's stand-in of a blind phase, where it had one, is gone in the same commit."""
    if seal is None:
        return {}
    alias = _placed(make_run(blind_facts(run, seal.alias)))
    return {alias.path: None, alias.attestation: None}


def _placed(run: LeaderboardRun) -> Placed:
    """Return a run as it is published; raises UsageError where it says anything that its own rewards do not give."""
    with tempfile.TemporaryDirectory() as name:
        leaderboard = Path(name)
        sealed = REPOSITORY_ROOT / FOLDER / "sealed"  # the record says whether its suite is revealed
        if sealed.is_dir():
            shutil.copytree(sealed, leaderboard / "sealed", symlinks=True)
        path = add_run(run, leaderboard)
        return Placed(path=f"{FOLDER}/{path.relative_to(leaderboard).as_posix()}", data=path.read_bytes())


def _commit(context: BotContext, changes: Changes, runs: Sequence[str]) -> None:
    said = f"Add the run {runs[0]}" if len(runs) == 1 else f"Add {len(runs)} runs"
    landed = commit_files(context.repository, context.branch, changes, said)
    if landed.made:
        print(f"committed {', '.join(runs)} as {landed.sha}")
        summarise(f"### Published\n\n{', '.join(span(run) for run in runs)}")


def _has(context: BotContext, path: str) -> bool:
    with faults_named(f"read {path}"):
        return read_file(context.repository, path, at=context.branch) is not None


def _hand_on_unsigned(context: BotContext, there: Sequence[Placed]) -> None:
    """Tell the job that signs; a run whose signature was lost on the way is told again."""
    unsigned = sorted(placed.path for placed in there if not _has(context, placed.attestation))
    if unsigned:
        with faults_named(f"read {context.branch}"):
            head = context.repository.get_git_ref(f"heads/{context.branch}").object.sha
        hand_on(committed=head, runs=",".join(unsigned))
