"""Keep what was signed for results beside them, and have the pages built: a result is shown once it is signed for.

arena bot attested --bundle attestation.json --runs leaderboard/runs/team-north-0a1b2c3d4e5f.json
"""

from __future__ import annotations

import argparse
from pathlib import Path, PurePosixPath

from posttrain_arena.adapters.attestations import Attestations
from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.adapters.github.files import commit_files, read_file
from posttrain_arena.cli.bot.context import PAGES, BotContext, bot_context
from posttrain_arena.cli.bot.publish import attestation_place
from posttrain_arena.core.leaderboard.attestation import Signer, statement_faults
from posttrain_arena.errors import ArenaError
from posttrain_arena.model.counted import many


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what was signed."""
    parser.add_argument("--bundle", type=Path, required=True, metavar="FILE", help="what the attestation action left")
    parser.add_argument(
        "--runs", required=True, metavar="PATHS", help="the runs in the repository, with commas between"
    )
    parser.add_argument("--trusted-root", type=Path, metavar="FILE", help="Sigstore's root of trust (the public one)")


def run(arguments: argparse.Namespace) -> int:
    """Keep a bundle."""
    context = bot_context(arguments)
    judge = Attestations(Signer(repository=context.competition.repository), arguments.trusted_root)
    keep_bundle(context, judge, arguments.bundle, arguments.runs.split(","))
    return 0


def keep_bundle(context: BotContext, judge: Attestations, bundle: Path, runs: list[str]) -> None:
    """Commit a bundle once for each run that it speaks of; raises ArenaError where it does not hold for one."""
    payload, why = judge.opened(bundle)
    faults = [f"{bundle}: {why}"] if why else [fault for run in runs for fault in _faults(context, payload, run)]
    if faults:
        raise ArenaError("; ".join(faults))
    kept = {attestation_place(run): bundle.read_bytes() for run in runs}
    said = f"Keep what was signed for {many(len(runs), 'run')}"
    landed = commit_files(context.repository, context.branch, kept, said)
    print(f"kept {', '.join(kept)}" if landed.made else "kept already")
    context.repository.get_workflow(PAGES).create_dispatch(context.branch)


def _faults(context: BotContext, payload: bytes, run: str) -> list[str]:
    with faults_named(f"read {run}"):
        data = read_file(context.repository, run, at=context.branch)
    if data is None:
        return [f"{run}: is not there"]
    return [f"{run}: {fault}" for fault in statement_faults(payload, PurePosixPath(run).name, data)]
