"""Say whether a test in a shell script holds, where that follows from the script alone."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from itertools import product

from posttrain_arena.core.check.shell.state import Truth
from posttrain_arena.core.check.shell.values import UNKNOWN, Values

_TEXT: dict[str, Callable[[str, str], bool]] = {"=": operator.eq, "==": operator.eq, "!=": operator.ne}
_NUMBER: dict[str, Callable[[float, float], bool]] = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-lt": operator.lt,
    "-le": operator.le,
    "-gt": operator.gt,
    "-ge": operator.ge,
}
_SIGNS = {"==": "-eq", "!=": "-ne", "<": "-lt", "<=": "-le", ">": "-gt", ">=": "-ge"}
_COMPARISON = re.compile(r"\s*\$?\{?(\w+)\}?\s*(==|!=|<=|>=|<|>)\s*(\d+)\s*")


def test_holds(arguments: tuple[Values, ...], exists: Callable[[str, str], Truth]) -> Truth:
    """Judge ``[ … ]``, ``[[ … ]]`` or ``test …`` by its arguments, the closing bracket left out.

    ``exists`` takes one of -d, -e, -f and so on and a path.
    """
    words = [values[0].text if len(values) == 1 else "" for values in arguments]
    if words[:1] == ["!"] and len(words) > 1:
        return inverted(test_holds(arguments[1:], exists))
    if len(words) == 1:
        return _every(value.text != "" for value in arguments[0]) if _sure(arguments[0]) else None
    if len(words) == 2:
        return _of_one(words[0], arguments[1], exists)
    return _of_two(arguments[0], words[1], arguments[2]) if len(words) == 3 else None


def arithmetic_holds(text: str, value_of: Callable[[str], Values]) -> Truth:
    """Judge ``(( NAME == 0 ))`` and its like."""
    found = _COMPARISON.fullmatch(text)
    if not found:
        return None
    return _numbers(value_of(found[1]), _SIGNS[found[2]], found[3])


def inverted(truth: Truth) -> Truth:
    """Return what ``!`` makes of it."""
    return None if truth is None else not truth


def _sure(values: Values) -> bool:
    return all(UNKNOWN not in value.text for value in values)


def _every(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    return found.pop() if len(found) == 1 else None


def _of_one(sign: str, values: Values, exists: Callable[[str, str], Truth]) -> Truth:
    if sign in ("-n", "-z") and _sure(values):
        return _every((value.text == "") == (sign == "-z") for value in values)
    if len(sign) == 2 and sign[0] == "-" and sign not in ("-n", "-z") and len(values) == 1 and _sure(values):
        return exists(sign, values[0].text)
    return None


def _of_two(left: Values, sign: str, right: Values) -> Truth:
    if sign in _NUMBER:
        return _every(_numbers(left, sign, value.text) for value in right) if _sure(right) else None
    if sign not in _TEXT or not _sure(left) or not _sure(right):
        return None
    return _every(_TEXT[sign](a.text, b.text) for a, b in product(left, right))


def _numbers(left: Values, sign: str, right: str) -> Truth:
    try:
        return _every(_NUMBER[sign](float(value.text), float(right)) for value in left)
    except ValueError:
        return None
