"""Start an entry, a task package, a skill or an agent; or make packages from a family of the starting kit.

    arena new entry team-north --track environments
    arena new env logs-find-intruder --entry submissions/team-north
    arena new skill read-auth-logs --entry submissions/team-south
    arena new agent scripted-sft --out build
    arena new env --family orders-join-totals --count 20 --entry submissions/team-north

What is made passes `arena check` once every place that is printed is filled in. Inside an entry, --entry may be left
out. Packages of the kit's own families credit the team that the entry's submission.yaml names.
The same family, split and seed always give the same packages, the first of them whatever --count is; --first makes
those that follow. No package of one split equals one of the other.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import get_args

from posttrain_arena.cli.called import arena_command
from posttrain_arena.cli.new_family import OPTIONS, Credit, add_family_arguments, make_packages
from posttrain_arena.cli.scaffold import check_name, places_left, scaffold
from posttrain_arena.core.check.entries.manifest import MANIFEST, read_manifest
from posttrain_arena.core.check.entry import FOLDERS
from posttrain_arena.core.check.rules.layout import PLACEHOLDERS
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.shown import shown
from posttrain_arena.model.submission import Track

KIT = documents.REPOSITORY_ROOT / "starting-kit"
TRACKS: dict[str, Track] = {"env": "environments", "skill": "skills", "agent": "agents"}
TEMPLATES = {
    "entry": KIT / "template-entry",
    "env": KIT / "template",
    "skill": KIT / "template-skill",
    "agent": KIT / "template-agent",
}
EXAMPLES = {
    "entry": "team-north",
    "env": "logs-find-intruder",
    "skill": "read-auth-logs",
    "agent": "scripted-sft",
}
NAME = "CHANGE-ME-name"
TRACK = "CHANGE-ME-track"
VERIFIER = "CHANGE-ME-verifier"
"""What the templates write where the command knows what belongs there."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("kind", choices=sorted(TEMPLATES), help="what to make")
    parser.add_argument("name", metavar="NAME", nargs="?", help="its name: lower case with hyphens")
    parser.add_argument("--track", choices=get_args(Track), help="an entry's track (default environments)")
    parser.add_argument(
        "--entry", type=Path, metavar="DIR", help="entry that it goes into (default: the current folder)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder that it goes into instead (entry: default submissions)"
    )
    add_family_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make what was asked for, and print what is left to do."""
    if arguments.family is not None:
        return _from_family(arguments)
    if extra := [f"--{name}" for name in OPTIONS if getattr(arguments, name) is not None]:
        raise UsageError(f"{', '.join(extra)}: only with --family")
    if arguments.name is None:
        raise UsageError(f"arena new {arguments.kind}: give it a name, such as {EXAMPLES[arguments.kind]}")
    name = check_name(arguments.name)
    if arguments.kind == "entry":
        return _entry(name, arguments)
    if arguments.track is not None:
        raise UsageError("--track: only for an entry")
    folder = _folder(arguments.kind, arguments)
    target = folder if arguments.kind == "agent" and arguments.out is None else folder / name
    scaffold({"": TEMPLATES[arguments.kind]}, target, {NAME: name, VERIFIER: f"{name}-verifier"})
    _say(target, [f"check {shlex.quote(str(target))}"])
    return 0


def _entry(name: str, arguments: argparse.Namespace) -> int:
    if arguments.entry is not None:
        raise UsageError("--entry: an entry lies in no other; say with --out where it goes")
    target = (arguments.out or Path("submissions")) / name
    track: Track = arguments.track or "environments"
    agent = TEMPLATES["agent"] if track == "agents" else None
    scaffold({"": TEMPLATES["entry"], FOLDERS[track]: agent}, target, {TRACK: track, NAME: name})
    here = shlex.quote(str(target))
    more = [f"new {kind} {EXAMPLES[kind]} --entry {here}" for kind in ("env", "skill") if TRACKS[kind] == track]
    _say(target, [*more, f"check {here}"])
    return 0


def _folder(kind: str, arguments: argparse.Namespace) -> Path:
    """Return the folder that packages of a kind go into; an entry's agent is that folder."""
    if arguments.out is not None and arguments.entry is not None:
        raise UsageError("--entry and --out: give one of the two")
    if arguments.out is not None:
        out: Path = arguments.out
        return out
    entry = arguments.entry or _entry_here()
    track = TRACKS[kind]
    if not (entry / MANIFEST).is_file():
        what = f"{shown(entry, 1000)} is no entry: it has no {MANIFEST}"
        raise UsageError(f"{what}. Start one with: {arena_command()} new entry NAME --track {track}")
    named = read_manifest(entry).track
    if named is not None and named != track:
        raise UsageError(f"{shown(entry, 1000)} is on the track {named}, and a new {kind} belongs to the track {track}")
    folder: Path = entry / FOLDERS[track]
    return folder


def _entry_here() -> Path:
    """Return the entry that the current folder is, or is a folder of packages in."""
    for place in (Path(), Path("..")):
        if (place / MANIFEST).is_file():
            return place
    raise UsageError("the current folder is in no entry: say which with --entry DIR, or a place with --out DIR")


def _say(target: Path, commands: list[str]) -> None:
    print(f"made {target}\n\nLeft to do:")
    places = list(places_left(target))
    for number, place in enumerate(places, 1):
        print(f"  {number:>2}. {place}")
    print("\nThen:")
    for command in commands:
        print(f"  {arena_command()} {command}")


def _from_family(arguments: argparse.Namespace) -> int:
    if arguments.kind != "env" or arguments.track is not None:
        raise UsageError("--family: only for arena new env")
    folder = _folder("env", arguments)
    entry = folder.parent if arguments.out is None else None
    return make_packages(arguments, folder, credit=_credit(entry))


def _credit(entry: Path | None) -> Credit | None:
    """Return whom an entry's manifest names; None where it says nothing of its own yet."""
    manifest = None if entry is None else read_manifest(entry).value
    if manifest is None or PLACEHOLDERS.search(f"{manifest.team_name} {manifest.contact_email}"):
        return None
    return Credit(name=manifest.team_name, email=manifest.contact_email)
