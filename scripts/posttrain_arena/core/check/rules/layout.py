"""Rules about a package's folder and its shell scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.draft import ORACLE, TEST, Draft
from posttrain_arena.core.check.names import is_slug
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot, shown
from posttrain_arena.model.competition import Competition

MARKER = "CHANGE-ME"
"""What the starting kit's template writes where an author has something to fill in."""

PLACEHOLDERS = re.compile(rf"{MARKER}|you@example\.com|\bYour Name\b|\byour-task-verifier\b")
MAX_SPOTS_PER_FILE = 20
_TEXT_SUFFIXES = (".md", ".sh", ".py", "Dockerfile")


def package_name(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A package's folder is named `<domain-or-environment>-<short-description>`: a-z, 0-9 and single hyphens.

    Why: the name becomes a label, a path and part of an image's name. How: rename the folder. Example:
    `logs-find-intruder`.
    """
    if not is_slug(draft.name):
        how = "rename the folder, for example to logs-find-intruder; at most 64 characters"
        yield Spot(path=".", what=f"the folder name {shown(draft.name)!r} is not lower-case-with-hyphens", how=how)


def placeholder(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Nothing of the template is left to fill in.

    Why: an untouched template is not a task. How: replace the marked text by your own. Example: `author_name:
    Ada Lovelace` in place of `Your Name`.
    """
    for name in draft.listing.files():
        if name.endswith(_TEXT_SUFFIXES):
            yield from placeholders(name, draft.lenient(name))


def placeholders(name: str, text: str) -> Iterator[Spot]:
    """Yield where a text of the template still stands in a file, a line once."""
    if not PLACEHOLDERS.search(text):
        return
    found = ((number, match) for number, line in enumerate(text.split("\n"), 1) if (match := PLACEHOLDERS.search(line)))
    for _, (number, match) in zip(range(MAX_SPOTS_PER_FILE), found, strict=False):
        what = f"{match[0]!r} still stands here"
        yield Spot(path=name, line=number, what=what, how="replace it with your own, as the line says")


def script_shebang(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Shell scripts start with `#!`.

    Why: a reader, an editor and a shell know by it what the file is. How: name the shell. Example:
    `#!/bin/bash`.
    """
    for name in (TEST, ORACLE):
        if draft.text(name) and not draft.text(name).startswith("#!"):
            yield Spot(path=name, line=1, what="the first line is not '#!…'", how="start the file with #!/bin/bash")


RULES: tuple[Rule, ...] = (
    judged("package-name", "error", package_name, deep=True),
    judged("placeholder", "error", placeholder, deep=True),
    judged("script-shebang", "warning", script_shebang, deep=True),
)
