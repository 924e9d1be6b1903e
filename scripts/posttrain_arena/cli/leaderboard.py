"""Keep the leaderboard: draft and add runs, build the board, verify all of it, reproduce a run.

Examples:
  arena leaderboard draft --job JOB --stages build/run --evaluations build/evaluations --out run.json
  arena leaderboard add run.json
  arena leaderboard build
  arena leaderboard verify --leaderboard leaderboard
  arena leaderboard add-references build/references/*.json
  arena leaderboard add-agent build/agent-run --attempt 1
  arena leaderboard grids --baselines baselines_by_model.csv NAME=run1.csv NAME=run2.csv
  arena leaderboard grids --folder posttrainbench-v1.0 [--weights factors.json]
  arena leaderboard reproduce RUN --job JOB --suite SUITE --checkpoint build/run/grpo

`add` recomputes the score from the run's own rewards and refuses a run that says anything else; of a run on the sealed
suite it publishes aggregates until the reveal. `verify` recomputes every published number, follows every run back to
entry, recipe, job, suite and analysis, names file and place of each difference, and says what it could not look at.
`grids --folder` computes what follows from the grids of a published version and compares it with what the folder says.
`reproduce` does again what this machine can: the score always, the baseline with the job and its suite, the evaluation
with those and the checkpoint (skills have none), the training where the recipe builds its model and --train is given.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from posttrain_arena.cli import (
    leaderboard_agents,
    leaderboard_agents_grids,
    leaderboard_draft,
    leaderboard_references,
    leaderboard_reproduce,
    results,
)
from posttrain_arena.cli.attested import SignatureCheck
from posttrain_arena.cli.leaderboard_verify import show, verify
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import REPOSITORY_ROOT, read_document
from posttrain_arena.model.leaderboard_run import LeaderboardRun


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    leaderboard_draft.add_draft(actions.add_parser("draft", help="put a run document together from stages on disk"))
    add = actions.add_parser("add", help="recompute a run from its rewards and publish it")
    add.add_argument("runs", metavar="RUN", type=Path, nargs="+", help="leaderboard run documents")
    add_references = actions.add_parser("add-references", help="write what the agents' board stands on")
    leaderboard_references.add_add_references(add_references)
    add_agent = actions.add_parser("add-agent", help="publish an audited run of the track agents")
    leaderboard_agents.add_add_agent(add_agent)
    leaderboard_agents_grids.add_grids(
        actions.add_parser("grids", help="score grids of cells as PostTrainBench publishes them")
    )
    build = actions.add_parser("build", help="write leaderboard.json, and agents.json where there are agents")
    check = actions.add_parser("verify", help="recompute everything from the raw rewards and compare")
    check.add_argument("--competition", type=Path, default=REPOSITORY_ROOT / "competition.yaml", metavar="FILE")
    check.add_argument("--suite", metavar="SUITE", help="packages of the revealed suite: a folder, or a folder in git")
    check.add_argument("--attested", action="store_true", help="every run with a rank must be signed for")
    check.add_argument("--trusted-root", metavar="FILE", type=Path, help="Sigstore's root of trust (the public one)")
    again = actions.add_parser("reproduce", help="do a run again, as far as this machine can, and compare")
    leaderboard_reproduce.add_reproduce(again)
    for action in (add, add_references, add_agent, build, check, again):
        action.add_argument("--leaderboard", metavar="DIR", type=Path, default=Path("leaderboard"))


def run(arguments: argparse.Namespace) -> int:
    """Run one action; `verify` and `reproduce` return 1 where anything differs."""
    actions = {
        "draft": leaderboard_draft.run_draft,
        "add": _add,
        "add-references": leaderboard_references.run_add_references,
        "add-agent": leaderboard_agents.run_add_agent,
        "grids": leaderboard_agents_grids.run_grids,
        "build": _build,
        "verify": _verify,
        "reproduce": leaderboard_reproduce.run_reproduce,
    }
    return actions[arguments.action](arguments)


def _add(arguments: argparse.Namespace) -> int:
    for source in arguments.runs:
        print(f"added {results.add_run(read_document(source, LeaderboardRun), arguments.leaderboard)}")
    return 0


def _build(arguments: argparse.Namespace) -> int:
    print(f"wrote {results.write_board(arguments.leaderboard)}")
    if agents := leaderboard_agents.write_agents_board(arguments.leaderboard):
        print(f"wrote {agents}")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    if not arguments.leaderboard.is_dir():
        raise UsageError(f"{arguments.leaderboard}: no such folder: name the leaderboard with --leaderboard DIR")
    signed = SignatureCheck(
        arguments.leaderboard,
        read_competition(arguments.competition).repository,
        root=arguments.trusted_root,
        required=arguments.attested,
    )
    checks = [signed]
    return show(verify(arguments.leaderboard, competition=arguments.competition, suite=arguments.suite, checks=checks))
