"""Tell whether a line of a shell script writes to a path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile

from posttrain_arena.core.audit.bounds import TooMuchError

MAX_LINE = 10_000
CHANGES = frozenset({"tee", "patch", "chmod", "rm", "truncate", "mv"})
"""Programs that change any file they are given."""

PUTS = frozenset({"cp", "ln", "install", "rsync"})
"""Programs that write to the last of them."""

GOES = frozenset({"cd", "pushd"})
_BEFORE = frozenset({"sudo", "env", "exec", "time", "nohup", "then", "do", "else", "if", "!", "(", "{"})
_COMMANDS = re.compile(r"&&|\|\||[;|]")
_HARMLESS = re.compile(r"\d{0,2}&?>>?\s*(?:&\d|/dev/null\b)|<\s*\S+")
_REDIRECT = re.compile(r">>?\s*([^\s<>&]+)")


def writes(line: str, place: re.Pattern[str]) -> bool:
    """Say whether a line changes something at ``place``: puts a file there, redirects there, or goes there first.

    Raises TooMuchError for a line that is too long.
    """
    if len(line) > MAX_LINE:
        raise TooMuchError(f"a line of more than {MAX_LINE} characters")
    within = False
    for command in _COMMANDS.split(_HARMLESS.sub(" ", line)):
        targets = _REDIRECT.findall(command)
        words = _words(command)
        changed = [*targets, *_changed(words)]
        if any(place.search(path) or (within and not path.startswith("/")) for path in changed):
            return True
        within = within or (words[:1] != [] and words[0] in GOES and place.search(command) is not None)
    return False


def _words(command: str) -> list[str]:
    """Return the words of a command from its name on."""
    return list(dropwhile(lambda word: word in _BEFORE or re.match(r"\w+=", word), command.split()))


def _changed(words: Sequence[str]) -> Sequence[str]:
    """Return the files that a command changes, among other words that may be files."""
    name = words[0].rpartition("/")[2] if words else ""
    if name in CHANGES or (name == "sed" and any(word.startswith(("-i", "--in-place")) for word in words)):
        return words[1:]
    return words[-1:] if name in PUTS else ()
