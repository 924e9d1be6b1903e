"""Read an entry's manifest and judge what it says of the team."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import get_args

from posttrain_arena.core.check.draft import read_value
from posttrain_arena.core.check.entries.licences import licence_fault
from posttrain_arena.core.check.front_matter import read_yaml_file
from posttrain_arena.core.check.names import meant, offer
from posttrain_arena.core.check.rules.layout import PLACEHOLDERS, placeholders
from posttrain_arena.core.check.rules.metadata import EMAIL
from posttrain_arena.core.check.spot import Problem, Spot, spot_at
from posttrain_arena.core.check.text_file import read_text
from posttrain_arena.core.check.yaml_lines import Located
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown
from posttrain_arena.model.submission import Submission, Track

MANIFEST = "submission.yaml"
_OTHER_NAMES = {
    "submission.yml",
    "submission.yaml.txt",
    "submission.json",
    "submission.toml",
    "submission",
    "entry.yaml",
}
_TRACKS: dict[str, Track] = {
    **dict.fromkeys(("env", "envs", "environment", "rl", "task", "tasks"), "environments"),
    **dict.fromkeys(("skill", "skill-learning"), "skills"),
    **dict.fromkeys(("agent", "posttrainbench"), "agents"),
}
"""Names of the tracks seen in the wild, beside near misses."""

_TEMPLATE_TEAM = re.compile(r"(your|the|my)[ _-]team[ _-]name|your[ _-]team|team[ _-]name", re.IGNORECASE)
_MAX_NAMES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """``value`` is None where it does not fit its schema, ``front`` where it is no table; ``problems`` says why."""

    value: Submission | None = None
    front: Located | None = None
    text: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def track(self) -> Track | None:
        """The track that is named, or that is meant by a name which comes close."""
        if self.value is not None:
            return self.value.track
        named = self.front.value.get("track") if self.front else None
        return _track_meant(named) if isinstance(named, str) else None

    @property
    def withdrawn(self) -> bool:
        """Whether the manifest takes the entry out of the competition, also one with other faults."""
        return self.front is not None and self.front.value.get("withdrawn") is True

    def problem(self, rule: str, *keys: str | int, what: str, how: str) -> Problem:
        """Return a problem at a setting."""
        place = self.front.place(*keys) if self.front else (1, 1)
        return Problem(rule=rule, spot=spot_at(MANIFEST, place, what=what, how=how))


NO_MANIFEST = Manifest()


def read_manifest(entry: Path) -> Manifest:
    """Read submission.yaml; every fault of its author ends in ``problems``."""
    path = entry / MANIFEST
    if not os.path.lexists(path):
        return Manifest(problems=(Problem(rule="manifest-missing", spot=_missing(entry)),))
    if os.path.islink(path):
        spot = Spot(path=MANIFEST, what="a symbolic link", how="put a copy of the file here instead of a link")
        return Manifest(problems=(Problem(rule="file-kind", spot=spot),))
    text, problems = read_text(entry, MANIFEST)
    if not text and problems:
        return Manifest(problems=problems)
    front, faults = read_yaml_file(text, MANIFEST)
    value, misfits = read_value(Submission, front, MANIFEST)
    told = tuple(_with_track(problem, front) for problem in misfits)
    return Manifest(value=value, front=front, text=text, problems=problems + faults + told)


def judge_manifest(manifest: Manifest, competition: Competition) -> Iterator[Problem]:
    """Yield what is wrong with the team's own settings."""
    for spot in placeholders(MANIFEST, manifest.text):
        yield Problem(rule="placeholder", spot=spot)
    if manifest.value is not None:
        yield from _names(manifest, manifest.value)
        yield from _email(manifest, manifest.value)
        yield from _licence(manifest, manifest.value, competition)


def _names(manifest: Manifest, value: Submission) -> Iterator[Problem]:
    if _TEMPLATE_TEAM.fullmatch(value.team_name.strip()):
        what = f"{shown(value.team_name)!r} still stands here"
        yield manifest.problem("placeholder", "team_name", what=what, how="write the name of your team")
    texts: list[tuple[tuple[str | int, ...], str]] = [(("team_name",), value.team_name)]
    texts += [(("title",), value.title)] if value.title else []
    texts += [(("members", index), name) for index, name in enumerate(value.members)]
    for keys, text in texts:
        wrong = "" if text.strip() else "is blank"
        wrong = wrong or ("" if text.isprintable() else "has characters that cannot be seen, or a line break")
        if wrong:
            what = f"{'.'.join(str(key) for key in keys)} {shown(text)!r} {wrong}"
            how = "write visible characters on one line"
            yield manifest.problem("manifest-text", *keys, what=what, how=how)


def _email(manifest: Manifest, value: Submission) -> Iterator[Problem]:
    email = value.contact_email
    if not PLACEHOLDERS.search(email) and not (EMAIL.fullmatch(email) and email.isprintable()):
        what = f"{shown(email)!r} is not a mail address"
        yield manifest.problem("manifest-email", "contact_email", what=what, how="write it as name@host.tld")


def _licence(manifest: Manifest, value: Submission, competition: Competition) -> Iterator[Problem]:
    fault = licence_fault(value.license, competition.licenses) if value.license else None
    if fault and not PLACEHOLDERS.search(value.license):
        yield manifest.problem("manifest-licence", "license", what=fault[0], how=fault[1])


def _with_track(problem: Problem, front: Located | None) -> Problem:
    """Add what was meant to the finding about an unknown track, where that is known and not yet said."""
    named = front.value.get("track") if front else None
    if problem.rule != "value-choice" or not isinstance(named, str) or "did you mean" in problem.spot.what:
        return problem
    track = _track_meant(named)
    if track is None:
        return problem
    what, how = problem.spot.what + offer(track), f"write track: {track}. {problem.spot.how}"
    return replace(problem, spot=replace(problem.spot, what=what, how=how))


def _track_meant(named: str) -> Track | None:
    plain = re.sub(r"[\s_]+", "-", named[:100].strip().lower())
    tracks: tuple[Track, ...] = get_args(Track)
    known: dict[str, Track] = {**_TRACKS, **{track: track for track in tracks}}
    close = plain if plain in known else meant(plain, tracks)
    return known[close] if close else None


def _missing(entry: Path) -> Spot:
    how = "add submission.yaml; submissions/README.md shows one"
    try:
        inside = sorted(islice((item.name for item in os.scandir(entry)), _MAX_NAMES))
    except OSError:
        inside = []
    for name in inside:
        if name.lower() == MANIFEST or name.lower() in _OTHER_NAMES:
            how = f"rename {shown(name)!r} to submission.yaml; submissions/README.md shows its content"
        elif name[0] not in "._" and os.path.isfile(entry / name / MANIFEST):
            how = f"the entry lies one folder too deep: move what is in {shown(name)!r} up"
    return Spot(path=MANIFEST, what="submission.yaml is missing", how=how)
