"""Rules about a package's name and about what the template left in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.draft import DOCKERFILE, TASK, VERIFIER, Draft
from posttrain_arena.core.check.names import is_slug, slug_of
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

MARKER = "CHANGE-ME"
"""What the starting kit's template writes where an author has something to fill in."""

_NAMES = r"you@example\.com|\bYour Name\b|\byour-task-verifier\b|\[your, tags, here\]"
_SENTENCES = (
    r"State the task here in one short paragraph|State what a passing trial looks like in plain language|"
    r"Replace with your real solution|Replace these placeholders with real per-task checks"
)
_SIGNS = (MARKER, "you@example", "Your Name", "your-task", "your, tags", "State ", "Replace ")
"""One of these is in every text of the template; looking for a word costs a tenth of looking for a form."""

PLACEHOLDERS = re.compile(rf"{MARKER}|{_NAMES}")
_IN_SETTINGS = re.compile(rf"{MARKER}|{_NAMES}|{_SENTENCES}")
_IN_TEXT = re.compile(rf"{MARKER}|{_SENTENCES}")
MAX_SPOTS_PER_FILE = 20
_TEXT_SUFFIXES = (".md", ".sh", ".py")
_SAY_NOTHING = frozenset(
    "task tasks test tests testing my your our new env envs environment environments name names example "  # noqa: SIM905
    "examples sample samples demo foo bar baz tmp temp untitled template placeholder dummy copy draft final "
    "short description domain package submission entry thing stuff the a an of and".split()
)
_CODE = re.compile(r"`[^`]*`|\"[^\"]*\"")
_UNFINISHED = re.compile(
    r"\b(?:TODO|FIXME)\s*:|^[\s>*#<!-]*(?:TODO|FIXME|XXX|TBD)\s*(?:$|[:.)>\]-])|[\[<(](?:TODO|FIXME|XXX|TBD)\b|"
    r"\b[Ll]orem ipsum\b"
)
_LONGEST_LINE = 20_000


def package_name(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A package's folder is named `<domain-or-environment>-<short-description>`: a-z, 0-9 and single hyphens.

    Why: the name becomes a label, a path and part of an image's name, and people tell tasks apart by it. How: rename
    the folder; two words or more, at most 64 characters. Example: `logs-find-intruder`.
    """
    slug = slug_of(draft.name)
    meant = slug if "-" in slug else "logs-find-intruder"
    if not is_slug(draft.name):
        what = f"the folder name {shown(draft.name)!r} is not lower-case-with-hyphens"
        how = f"rename the folder, for example to {meant}; at most 64 characters"
        yield Spot(path=".", what=what, how=how)
    elif "-" not in draft.name:
        what = f"the folder name {shown(draft.name)!r} is one word"
        how = "say where the task is set and what is to be done, as in logs-find-intruder"
        yield Spot(path=".", what=what, how=how)


def package_name_vague(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A package's name says what the task is about.

    Why: two hundred packages are listed by their names, and a number or `my-task` tells a reader nothing. How: name the
    place and the work, and leave numbers out. Example: `ledger-reconcile-bank` in place of `task-01`.
    """
    words = draft.name.split("-")
    if not is_slug(draft.name) or len(words) < 2:
        return
    telling = [word for word in words if not word.isdigit() and word not in _SAY_NOTHING]
    how = "name the place and the work, as in ledger-reconcile-bank"
    if not telling:
        yield Spot(path=".", what=f"the folder name {shown(draft.name)!r} does not say what the task is", how=how)
    elif words[0].isdigit():
        yield Spot(path=".", what=f"the folder name {shown(draft.name)!r} starts with a number", how=how)


def placeholder(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Nothing of the template is left to fill in.

    Why: an untouched template is not a task. How: replace the marked text by your own. Example: `author_name:
    Ada Lovelace` in place of `Your Name`.
    """
    for name in draft.listing.files():
        if name in (TASK, VERIFIER):
            yield from _of_page(name, draft.lenient(name))
        elif name == DOCKERFILE or (name.endswith(_TEXT_SUFFIXES) and not name.startswith("environment/")):
            yield from _found(name, draft.lenient(name), _IN_TEXT)


def placeholders(name: str, text: str) -> Iterator[Spot]:
    """Yield where a text of the template still stands in a file, a line once."""
    return _found(name, text, PLACEHOLDERS)


def _of_page(name: str, text: str) -> Iterator[Spot]:
    """A prompt may speak of you@example.com; the settings above it may not."""
    end = text.find("\n---", 3) + 1
    lines = text.count("\n", 0, end)
    settings = (spot for spot in _found(name, text, _IN_SETTINGS) if (spot.line or 0) <= lines)
    yield from settings
    yield from (spot for spot in _found(name, text, _IN_TEXT) if (spot.line or 0) > lines)


def _found(name: str, text: str, wanted: re.Pattern[str]) -> Iterator[Spot]:
    if not any(sign in text for sign in _SIGNS) or not wanted.search(text):
        return
    found = ((number, match) for number, line in enumerate(text.split("\n"), 1) if (match := wanted.search(line)))
    for _, (number, match) in zip(range(MAX_SPOTS_PER_FILE), found, strict=False):
        what = f"{match[0]!r} still stands here"
        yield Spot(path=name, line=number, what=what, how="replace it with your own, as the line says")


def prompt_unfinished(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The prompt is finished: no TODO, FIXME, XXX or filler text.

    Why: an agent takes every word of it for the task. How: write what is missing, or put the word into backticks where
    the task is about it. Example: a prompt that asks to remove every
    "TODO" comment, with that word in backticks.
    """
    text = draft.text(TASK)
    if draft.task.markdown is None or not re.search(r"TODO|FIXME|XXX|TBD|orem ipsum", text):
        return
    inside = fenced = False
    headings = {heading.line: heading for heading in draft.task.markdown.headings if heading.depth <= 2}
    for number, line in enumerate(text.split("\n"), 1):
        if number in headings:
            inside = headings[number].title.strip().lower() == "prompt"
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        found = _UNFINISHED.search(_CODE.sub("", line)) if inside and not fenced and len(line) < _LONGEST_LINE else None
        if found:
            what = f"the prompt still says {found[0].strip()!r}"
            how = "write what is missing; put the word into backticks if the task is about it"
            yield Spot(path=TASK, line=number, what=what, how=how)


RULES: tuple[Rule, ...] = (
    judged("package-name", "error", package_name, deep=True),
    judged("package-name-vague", "warning", package_name_vague, deep=True),
    judged("placeholder", "error", placeholder, deep=True),
    judged("prompt-unfinished", "warning", prompt_unfinished),
)
