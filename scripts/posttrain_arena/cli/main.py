"""The ``arena`` command."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from posttrain_arena.adapters.process_environment import settle_libraries
from posttrain_arena.errors import ArenaError

COMMANDS: dict[str, tuple[str, str]] = {
    "agents": ("posttrain_arena.cli.agents", "run agents that post-train models, and evaluate what they left"),
    "audit": ("posttrain_arena.cli.audit", "audit a run of an agent: detectors with their evidence"),
    "bot": ("posttrain_arena.cli.bot", "what the workflows on GitHub call"),
    "cancel": ("posttrain_arena.cli.cancel", "cancel launched jobs"),
    "check": ("posttrain_arena.cli.check", "check task packages and entries"),
    "collect": ("posttrain_arena.cli.collect", "look after launched jobs: next stages, costs, results"),
    "demo": ("posttrain_arena.cli.demo", "run the whole loop once, with a tiny model on this machine"),
    "docs": ("posttrain_arena.cli.docs", "write the pages that are made from the rules and the schemas"),
    "evaluate": ("posttrain_arena.cli.evaluate", "evaluate a checkpoint, or the base model, on a suite"),
    "leaderboard": ("posttrain_arena.cli.leaderboard", "add runs, build the board, verify and reproduce them"),
    "launch": ("posttrain_arena.cli.launch", "run jobs on rented machines, as far as the budgets go"),
    "new": ("posttrain_arena.cli.new", "start an entry, a task package, a skill or an agent"),
    "node": ("posttrain_arena.cli.node", "run one stage of a launched job; for rented machines"),
    "plan": ("posttrain_arena.cli.plan", "plan the job of an entry: job.json and a copy of its files"),
    "post-train": ("posttrain_arena.cli.post_train", "post-train a base model on an entry"),
    "publish": ("posttrain_arena.cli.publish", "publish a finished run on the Hugging Face Hub"),
    "reports": ("posttrain_arena.cli.reports", "put the reports of a check's shards together"),
    "score": ("posttrain_arena.cli.score", "score an evaluation against the baseline"),
    "site": ("posttrain_arena.cli.site", "build or serve the public site"),
    "status": ("posttrain_arena.cli.status", "say how far launched jobs are and what they cost"),
    "suite": ("posttrain_arena.cli.suite", "fix, seal and reveal suites of held-out tasks"),
    "trial": ("posttrain_arena.cli.trial", "run trials of one task package"),
}
"""Command → (module with ``add_arguments`` and ``run``, help line). Modules load only when their command runs."""

READER_GONE = 141
"""Exit code of a command whose reader went away: 128 and the number of SIGPIPE, as shells have it."""

INTERRUPTED = 130
"""Exit code of a command that was told to end: 128 and the number of SIGINT, as shells have it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (0 fine, 1 findings, 2 usage, 3 infrastructure or our bug, 130 stopped)."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(argv)
    except ArenaError as error:
        print(f"arena: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("arena: interrupted", file=sys.stderr)
        return INTERRUPTED


def command() -> None:
    """Run as a program. After an interruption nothing is waited for: a thread may be waiting for a model's answer.

    A reader that has seen enough (``arena … | head``) ends the command without a word.
    """
    settle_libraries()
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter flushes, and fails again
        code = READER_GONE
    if code == INTERRUPTED:
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="arena", description="PostTrain Arena: from a task package to a ranked lift.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in argv if not word.startswith("-")), None)
    modules = {}
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter)
        if name == chosen:
            modules[name] = importlib.import_module(module)
            command.description = modules[name].__doc__
            modules[name].add_arguments(command)
    arguments = parser.parse_args(argv)
    code: int = modules[arguments.command].run(arguments)
    return code
