"""Start an entry, a task package, a skill or an agent; or make packages from a family of the starting kit.

    arena new entry team-north --track environments
    arena new env logs-find-intruder --entry submissions/team-north
    arena new skill read-auth-logs --entry submissions/team-south
    arena new agent scripted-sft --out build
    arena new env --family copy-word --count 32 --out submissions/your-team/envs

What is made passes `arena check` once every place that is printed is filled in. Inside an entry, --entry may be left
out.
The same family, split and seed always give the same packages; no package of one split equals one of the other.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import get_args

from posttrain_arena.cli.scaffold import check_name, places_left, scaffold
from posttrain_arena.core.check.entries.manifest import MANIFEST, read_manifest
from posttrain_arena.core.check.entry import FOLDERS
from posttrain_arena.core.check.spot import shown
from posttrain_arena.core.families import render_family
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.submission import Track

KIT = documents.REPOSITORY_ROOT / "starting-kit"
FAMILIES = KIT / "families"
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
    family = parser.add_argument_group("from a family (env)")
    family.add_argument("--family", metavar="NAME", help="a folder of starting-kit/families")
    family.add_argument("--split", choices=["train", "held-out"], help="default: train")
    family.add_argument("--count", type=int, help="packages to make (default 1)")
    family.add_argument("--seed", type=int, help="which packages of the split (default 0)")


def run(arguments: argparse.Namespace) -> int:
    """Make what was asked for, and print what is left to do."""
    if arguments.family is not None:
        return _from_family(arguments)
    if extra := [f"--{name}" for name in ("split", "count", "seed") if getattr(arguments, name) is not None]:
        raise UsageError(f"{', '.join(extra)}: only with --family")
    if arguments.name is None:
        raise UsageError(f"arena new {arguments.kind}: give it a name, such as {EXAMPLES[arguments.kind]}")
    name = check_name(arguments.name)
    if arguments.kind == "entry":
        return _entry(name, arguments)
    if arguments.track is not None:
        raise UsageError("--track: only for an entry")
    target = _target(arguments.kind, name, arguments)
    scaffold({"": TEMPLATES[arguments.kind]}, target, {NAME: name, VERIFIER: f"{name}-verifier"})
    _say(target, [f"arena check {shlex.quote(str(target))}"])
    return 0


def _entry(name: str, arguments: argparse.Namespace) -> int:
    if arguments.entry is not None:
        raise UsageError("--entry: an entry lies in no other; say with --out where it goes")
    target = (arguments.out or Path("submissions")) / name
    track: Track = arguments.track or "environments"
    agent = TEMPLATES["agent"] if track == "agents" else None
    scaffold({"": TEMPLATES["entry"], FOLDERS[track]: agent}, target, {TRACK: track, NAME: name})
    here = shlex.quote(str(target))
    more = [f"arena new {kind} {EXAMPLES[kind]} --entry {here}" for kind in ("env", "skill") if TRACKS[kind] == track]
    _say(target, [*more, f"arena check {here}"])
    return 0


def _target(kind: str, name: str, arguments: argparse.Namespace) -> Path:
    if arguments.out is not None and arguments.entry is not None:
        raise UsageError("--entry and --out: give one of the two")
    if arguments.out is not None:
        out: Path = arguments.out
        return out / name
    entry = arguments.entry or _entry_here()
    track = TRACKS[kind]
    if not (entry / MANIFEST).is_file():
        what = f"{shown(entry, 1000)} is no entry: it has no {MANIFEST}"
        raise UsageError(f"{what}. Start one with: arena new entry NAME --track {track}")
    named = read_manifest(entry).track
    if named is not None and named != track:
        raise UsageError(f"{shown(entry, 1000)} is on the track {named}, and a new {kind} belongs to the track {track}")
    folder: Path = entry / FOLDERS[track]
    return folder if kind == "agent" else folder / name


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
        print(f"  {command}")


def _from_family(arguments: argparse.Namespace) -> int:
    """Write the packages and print their folders."""
    if arguments.kind != "env" or arguments.name is not None or arguments.entry is not None or arguments.track:
        raise UsageError("--family: only for arena new env --family NAME --out DIR, which names the packages itself")
    if arguments.out is None:
        raise UsageError("--family: say with --out DIR where the packages go")
    count = 1 if arguments.count is None else arguments.count
    if count < 1:
        raise UsageError(f"--count {count}: make at least 1 package")
    packages = render_family(
        _family_folder(arguments.family),
        split=arguments.split or "train",
        count=count,
        seed=arguments.seed or 0,
        out=arguments.out,
    )
    for package in packages:
        print(package)
    return 0


def _family_folder(name: str) -> Path:
    known = sorted(path.parent.name for path in FAMILIES.glob("*/family.yaml"))
    if name not in known:
        raise UsageError(f"--family {name!r}: there is no such family: choose one of {', '.join(known)}")
    return FAMILIES / name
