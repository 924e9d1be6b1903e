"""Build the public site from the leaderboard, or serve a built one on this machine.

Examples:
  arena site build --leaderboard leaderboard --out _site
  arena site build --day 2026-11-21 --out _site
  arena site serve --out _site --port 8000

The same leaderboard, documentation and day give the same bytes. The day decides which phase the banner names; the days
on which runs were published are those of their commits, where git has the whole history.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import gc
import http.server
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec

from posttrain_arena.adapters.git import days_of_files
from posttrain_arena.adapters.processes import in_processes
from posttrain_arena.cli import results
from posttrain_arena.cli.leaderboard_agents import agents_board
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.leaderboard.sealed_store import sound_sealed
from posttrain_arena.core.leaderboard.store import run_files
from posttrain_arena.core.scoring.score import score
from posttrain_arena.core.site.build import parts
from posttrain_arena.core.site.source import Document, Source
from posttrain_arena.core.site.write import write_site
from posttrain_arena.errors import DocumentError, UsageError
from posttrain_arena.model.documents import REPOSITORY_ROOT, read_document
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.phases import phase_of

HOST = "127.0.0.1"
COMPETITION = REPOSITORY_ROOT / "competition.yaml"
DOCUMENTS = (
    *("docs/*.md", "CONTRIBUTING.md", "SECURITY.md", "README.md", "submissions/README.md"),
    *("starting-kit/README.md", "schemas/README.md"),
)
"""What of the repository's documentation stands on the site."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the two actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    build = actions.add_parser("build", help="write the site as static files")
    build.add_argument("--leaderboard", metavar="DIR", type=Path, default=Path("leaderboard"))
    build.add_argument(
        "--day", metavar="YYYY-MM-DD", type=_day, help="the day that the page speaks of (default: today)"
    )
    serve = actions.add_parser("serve", help="serve a built site on 127.0.0.1")
    serve.add_argument("--port", type=int, default=8000, help="port to listen on; 0 takes a free one")
    for action in (build, serve):
        action.add_argument("--out", metavar="DIR", type=Path, default=Path("_site"))


def run(arguments: argparse.Namespace) -> int:
    """Run one action."""
    return _build(arguments) if arguments.action == "build" else _serve(arguments)


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it as 2026-11-21") from error


def _build(arguments: argparse.Namespace) -> int:
    build_site(arguments.leaderboard, arguments.out, day=arguments.day)
    print(f"wrote {arguments.out / 'index.html'}")
    return 0


def build_site(leaderboard: Path, out: Path, *, day: datetime.date | None = None) -> None:
    """Render the leaderboard into ``out``; the same one on the same day (None is today) gives the same bytes."""
    competition = read_competition(COMPETITION)
    paths = {path.stem: path for path in run_files(leaderboard)}
    for fault in filter(None, in_processes(_fault, paths.values())):
        raise DocumentError(fault)
    files = {name: path.read_bytes() for name, path in paths.items()}
    with _no_collection():
        runs = [_decoded(paths[name], data) for name, data in files.items()]
    sealed = {path: run for path, run in sound_sealed(leaderboard).runs.items() if run.id not in paths}
    paths |= {run.id: path for path, run in sealed.items()}
    days = days_of_files(leaderboard / "sealed" / "runs") | days_of_files(leaderboard / "runs")
    source = Source(
        board=results.board_of(leaderboard, runs),
        runs=[*runs, *sealed.values()],
        level=competition.analysis.level,
        compare=partial(in_processes, lambda sides: score(*sides)),
        phase=phase_of(competition, day or datetime.datetime.now(datetime.UTC).date()),
        days={name: days[path.name] for name, path in paths.items() if path.name in days},
        documents=_documents(),
        agents=agents_board(leaderboard),
        files=files | {run.id: path.read_bytes() for path, run in sealed.items()},
    )
    write_site(parts(source), out, share=in_processes)


def _decoded(path: Path, data: bytes) -> LeaderboardRun:
    try:
        return msgspec.json.decode(data, type=LeaderboardRun)
    except msgspec.DecodeError as error:  # numbers and characters that a schema knows nothing of
        raise DocumentError(f"{path}: {error}") from error


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Make values that live as long as the process without looking for cycles among them, then or later.

    On a thousand runs the search takes three times as long as the decoding.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _fault(path: Path) -> str:
    """Return what a run breaks of its schema; `arena leaderboard verify` looks at every byte and takes longer."""
    try:
        run = read_document(path, LeaderboardRun)
    except DocumentError as error:
        return str(error)
    return "" if path.stem == run.id else f"{path}: id: the file says {run.id!r}: a run is named <run-id>.json"


def _documents() -> list[Document]:
    paths = sorted({path for pattern in DOCUMENTS for path in REPOSITORY_ROOT.glob(pattern)})
    return [
        Document(path=path.relative_to(REPOSITORY_ROOT).as_posix(), text=path.read_text(encoding="utf-8"))
        for path in paths
    ]


def make_server(out: Path, port: int) -> http.server.ThreadingHTTPServer:
    """Return a server of ``out`` on 127.0.0.1; raises UsageError where nothing is built or the port is taken."""
    if not (out / "index.html").is_file():
        raise UsageError(f"{out}: no site is built there: run `arena site build --out {out}` first")
    handler = partial(_QuietHandler, directory=str(out))
    try:
        return http.server.ThreadingHTTPServer((HOST, port), handler)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"cannot listen on {HOST}:{port}: {error}: choose another --port, or 0 for a free one"
        ) from error


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a line per request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _serve(arguments: argparse.Namespace) -> int:
    with make_server(arguments.out, arguments.port) as server:
        print(f"serving {arguments.out} at http://{HOST}:{server.server_port}/ (Ctrl-C stops it)", flush=True)
        server.serve_forever()
    return 0
