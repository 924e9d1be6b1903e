"""Judge a licence that is given as an SPDX expression."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from posttrain_arena.core.check.names import offer
from posttrain_arena.model.shown import shown

_OPERATORS = {"AND", "OR", "WITH"}
_NOISE = re.compile(r"licen[sc]e|version|the|clause|only|[^a-z0-9]|(?<=[^a-z])v(?=\d)")


def licence_fault(text: str, known: Sequence[str]) -> tuple[str, str] | None:
    """Return what is wrong with a licence and how to mend it; None where it is made of known ids.

    Read are ids joined by AND and OR, in brackets or not, each with an exception after WITH.
    """
    words = text.replace("(", " ").replace(")", " ").split()
    ids, operators = words[::2], words[1::2]
    is_expression = len(words) % 2 == 1 and all(word.upper() in _OPERATORS for word in operators)
    if not is_expression:
        close = _meant(text, known)
        what = f"the licence {shown(text)!r} is not an SPDX id, nor several joined by AND or OR"
        return what + offer(close), _how(close, known)
    exceptions = {index + 1 for index, word in enumerate(operators) if word.upper() == "WITH"}
    for index, word in enumerate(ids):
        if word not in known and index not in exceptions:
            close = _meant(word, known)
            what = f"the licence {shown(word)!r} is not one of the open licences of the competition"
            return what + offer(close), _how(close, known)
    return None


def _how(close: str | None, known: Sequence[str]) -> str:
    some = ", ".join(known[:3])
    return f"write license: {close}" if close else f"write an SPDX id from licenses in competition.yaml, such as {some}"


def _meant(text: str, known: Sequence[str]) -> str | None:
    plain = {_plain(name): name for name in reversed(known)}
    close = difflib.get_close_matches(_plain(text[:100]), plain, n=1, cutoff=0.75)
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    return _NOISE.sub("", name.lower())
