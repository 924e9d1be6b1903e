"""Tell which names of files do not work on every system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._ +@,=()-]*(?<![. ])|\.[A-Za-z0-9._-]*[A-Za-z0-9_-]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\..*)?", re.IGNORECASE | re.DOTALL)
_REFUSED = frozenset('\\:*?"<>|')


def wrong_with(name: str) -> str | None:
    """Return what is wrong with the name of a file or folder, None where nothing is."""
    if _RESERVED.fullmatch(name):
        return "names a device on Windows"
    if name.lower() == ".gitattributes":
        return "lets git hand out other files than were checked"
    if _PLAIN.fullmatch(name):
        return None
    if not name.isprintable():
        return "holds control characters, or bytes that are no UTF-8"
    if refused := next((character for character in name if character in _REFUSED), None):
        return f"holds {refused}, which Windows does not take"
    return "starts or ends with a blank, or ends with a dot" if name != name.strip().rstrip(".") else None


def clashes(paths: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield paths that differ from another in case or Unicode form alone: the path, the other, and in what."""
    seen: dict[str, str] = {}
    doubled: set[str] = set()
    for path in sorted(paths):
        key = path.lower() if path.isascii() else unicodedata.normalize("NFC", path).lower()
        other = seen.setdefault(key, path)
        if other == path:
            continue
        doubled.add(path)
        if path.rpartition("/")[0] not in doubled:
            same_form = unicodedata.normalize("NFC", path) == unicodedata.normalize("NFC", other)
            yield path, other, "the Unicode form of a letter" if same_form else "upper and lower case"
