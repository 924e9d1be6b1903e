"""Make packages from a family for `arena new env --family`."""

from __future__ import annotations

import argparse
from pathlib import Path

from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.read import check_package, has_errors
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents

FAMILIES = documents.REPOSITORY_ROOT / "starting-kit" / "families"
OPTIONS = ("split", "count", "seed", "first")


def add_family_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that go with --family."""
    group = parser.add_argument_group("from a family (env)")
    group.add_argument("--family", metavar="NAME", help="a folder of starting-kit/families, or the path of another one")
    group.add_argument("--split", choices=["train", "held-out"], help="default: train")
    group.add_argument("--count", type=int, help="packages to make (default 1)")
    group.add_argument("--seed", type=int, help="in which order packages are drawn (default 0)")
    group.add_argument("--first", type=int, metavar="I", help="number of the first of them in that order (default 0)")


def make_packages(arguments: argparse.Namespace, out: Path) -> int:
    """Write the packages that are asked for below ``out``, and print their folders."""
    if arguments.name is not None:
        raise UsageError("--family: the family names the packages itself: leave NAME out")
    wanted = Draw(
        split=arguments.split or "train",
        count=1 if arguments.count is None else arguments.count,
        seed=arguments.seed or 0,
        first=arguments.first or 0,
    )
    if wanted.count < 1:
        raise UsageError(f"--count {wanted.count}: make at least 1 package")
    if wanted.first < 0:
        raise UsageError(f"--first {wanted.first}: numbers start from 0")
    for package in render_family(_family_folder(arguments.family), wanted, out=out, judge=_refuse_faulty):
        print(package)
    return 0


def _family_folder(name: str) -> Path:
    known = sorted(path.parent.name for path in FAMILIES.glob("*/family.yaml"))
    if name in known:
        return FAMILIES / name
    if not (Path(name) / "family.yaml").is_file():
        what = f"--family {name!r}: there is no such family: choose one of {', '.join(known)}"
        raise UsageError(f"{what}; or give the path of a folder with a family.yaml")
    return Path(name)


def _refuse_faulty(package: Path) -> None:
    competition = read_competition(documents.REPOSITORY_ROOT / "competition.yaml")
    findings = check_package(package, root=package.parent, competition=competition, level="structural").findings
    if has_errors(findings):
        first = next(finding for finding in findings if finding.severity == "error")
        place = first.path if first.line is None else f"{first.path}:{first.line}"
        what = f"the family's packages do not pass the check: {place}: {first.what} [{first.rule}]"
        raise UsageError(f"{what}; {first.how}, in the family's package/")
