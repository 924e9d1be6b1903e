"""Publish a finished run on the Hugging Face Hub: adapter, trajectories, report and model card. Nothing else does it.

    arena publish build/run --repo my-org/my-model --dry-run
    arena publish build/run --repo my-org/my-model --private --merged
    arena publish checkpoints --job NAME/job.json --result NAME/run.json --evaluations results --repo my-org/my-model

Only runs on the public sample: nothing of another suite gets out. --dry-run writes the folder and uploads nothing. The
token comes from HF_TOKEN. One publication is one commit, and the same content again is none.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from posttrain_arena.cli.chat_agent import secret
from posttrain_arena.cli.publication import MARK, find_run, lay_out
from posttrain_arena.errors import UsageError

TOKEN = "HF_TOKEN"  # noqa: S105 (its name)
_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of the run, with demonstrations, sft and grpo")
    parser.add_argument("--repo", required=True, metavar="ORG/NAME", help="the model repository; made if need be")
    parser.add_argument("--private", action="store_true", help="make the repository for its owners' eyes")
    parser.add_argument("--merged", action="store_true", help="the whole model too, adapter merged into base")
    parser.add_argument("--dry-run", action="store_true", help="write the folder, upload nothing")
    parser.add_argument("--job", type=Path, metavar="FILE", help="the job document (RUN/job.json)")
    parser.add_argument("--result", type=Path, metavar="FILE", help="the leaderboard run (RUN/run.json)")
    parser.add_argument(
        "--evaluations", type=Path, action="append", metavar="DIR", help="where evaluations lie (RUN); may be repeated"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder to write (RUN/publication)")
    parser.add_argument("--bases", type=Path, default=Path(".arena/bases"), help="folder of base models (.arena/bases)")


def run(arguments: argparse.Namespace) -> int:
    """Write the folder, and upload it unless told not to."""
    if not _REPO.fullmatch(arguments.repo):
        raise UsageError(f"--repo {arguments.repo!r}: write owner and name, as in my-org/my-model")
    token = secret(TOKEN)
    if not (token or arguments.dry_run):
        raise UsageError(f"no token: set {TOKEN} to one that may write to {arguments.repo}, or try --dry-run")
    folder: Path = arguments.run
    found = find_run(
        folder,
        job=arguments.job or folder / "job.json",
        result=arguments.result or folder / "run.json",
        measured=arguments.evaluations or [folder],
    )
    out = arguments.out or folder / "publication"
    lay_out(found, out, repo=arguments.repo, bases=arguments.bases if arguments.merged else None)
    print(f"wrote {out}: {sum(path.is_file() for path in out.rglob('*'))} files of {found.run.id}")
    if not arguments.dry_run:
        _upload(arguments, out, token, message=f"Publish {found.run.id}")
    return 0


def _upload(arguments: argparse.Namespace, out: Path, token: str, *, message: str) -> None:
    from posttrain_arena.adapters.hub_uploads import Upload, upload

    what = Upload(folder=out, repo=arguments.repo, private=arguments.private, mark=MARK, message=message)
    done = upload(what, token=token)
    state = "published" if done.new else "the same is published already"
    print(f"{done.url}: {state}, commit {done.commit}")
