"""Make packages from a family for `arena new env --family`."""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.read import check_package, has_errors
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents

FAMILIES = documents.REPOSITORY_ROOT / "starting-kit" / "families"
OPTIONS = ("split", "count", "seed", "first")
_LINES = re.compile(r"^  (author_name|author_email): .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Whom a package names as its author."""

    name: str
    email: str


def add_family_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that go with --family."""
    group = parser.add_argument_group("from a family (env)")
    group.add_argument("--family", metavar="NAME", help="a folder of starting-kit/families, or the path of another one")
    group.add_argument("--split", choices=["train", "held-out"], help="default: train")
    group.add_argument("--count", type=int, help="packages to make (default 1)")
    group.add_argument("--seed", type=int, help="in which order packages are drawn (default 0)")
    group.add_argument("--first", type=int, metavar="I", help="number of the first of them in that order (default 0)")


def make_packages(arguments: argparse.Namespace, out: Path, *, credit: Credit | None) -> int:
    """Write the packages that are asked for below ``out``, and print their folders.

    Packages of the kit's own families name ``credit`` as their author; where that is None, it is said to be left to do.
    """
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

    family = _family_folder(arguments.family)
    of_kit = family.parent == FAMILIES

    def finish(package: Path) -> None:
        if of_kit and credit is not None:
            _name_author(package / "task.md", credit)
        _refuse_faulty(package)

    packages = render_family(family, wanted, out=out, judge=finish)
    for package in packages:
        print(package)
    if of_kit and credit is None:
        what = "author_name and author_email of each task.md still credit the makers of the kit"
        print(f"Left to do: {what}: write your own; a filled-in submission.yaml saves that", file=sys.stderr)
    return 0


def _name_author(task: Path, credit: Credit) -> None:
    """Put the author's name into the settings, which a line of hyphens ends; JSON's strings are YAML's too."""
    settings, end, rest = task.read_text(encoding="utf-8").partition("\n---\n")
    words = {"author_name": credit.name, "author_email": credit.email}
    named = _LINES.sub(lambda line: f"  {line[1]}: {json.dumps(words[line[1]], ensure_ascii=False)}", settings)
    task.write_text(f"{named}{end}{rest}", encoding="utf-8")


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
