"""Judge a function by the values it returns, which cross from where it runs as plain literals.

The tests of such benchmarks are a function ``check(candidate)`` of assertions. They run here, in the judge's process,
and the answer's code never does: first with the canonical solution, to learn which calls the tests make; then the
calls are made in a container; then the tests run again, with the values that came back. What a hostile function does
to its own process stays there: an object that is equal to everything is no literal, and neither is an exit.
"""

from __future__ import annotations

import ast
import copy
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from posttrain_arena.model.benchmark import Item

MAX_VALUES_CHARS = 4 << 20
_BLOCK = re.compile(r"```(?:python|py)?\s*\n(.*?)(?:```|\Z)", re.DOTALL)
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The arguments of each call that the tests make, as literals, in order."""

    function: str
    arguments: tuple[str, ...]


def program_of(answer: str, item: Item) -> str:
    """Return the program that an answer makes: its code block or all of it, behind the item's beginning.

    An answer without the function's own ``def`` goes on where the beginning ends, as completions do.
    """
    blocks = _BLOCK.findall(answer)
    code = blocks[-1] if blocks else answer
    start, name = str(item.reference["prompt"]), str(item.reference["function"])
    if re.search(rf"^def {re.escape(name)}\(", code, re.MULTILINE):
        return f"{start[: start.rindex(f'def {name}(')]}\n{code}"
    return start + code


def calls_of_tests(item: Item) -> Calls:
    """Return the calls that an item's tests make; the canonical solution answers them."""
    name = str(item.reference["function"])
    space: dict[str, Any] = {}
    exec(str(item.reference["prompt"]) + str(item.reference["solution"]), space)  # noqa: S102 (the benchmark's own code)
    solution: Callable[..., Any] = space[name]
    asked: list[str] = []

    def recorded(*arguments: Any) -> Any:
        asked.append(repr(arguments))
        return solution(*copy.deepcopy(arguments))

    _run_tests(item, recorded)
    return Calls(function=name, arguments=tuple(asked))


def passes(item: Item, calls: Calls, values: Sequence[str | None]) -> bool:
    """Say whether the tests pass with what each call returned: a literal, or None where it returned none."""
    if len(values) != len(calls.arguments):
        return False
    returned = iter(zip(calls.arguments, values, strict=True))

    def replayed(*arguments: Any) -> Any:
        asked, value = next(returned)
        if repr(arguments) != asked or value is None:
            raise AssertionError("the call failed, or is another than the tests make")
        return literal(value)

    try:
        _run_tests(item, replayed)
    except Exception:  # noqa: BLE001 (an assertion, or what a value of another type makes of the tests)
        return False
    return next(returned, None) is None


def literal(text: str) -> Any:
    """Return a plain value; raises ValueError for a text that is not made of plain values alone."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError("no plain literal") from error
    _require_plain(value)
    return value


def _require_plain(value: Any) -> None:
    if type(value) in (list, tuple, set):
        for part in value:
            _require_plain(part)
    elif type(value) is dict:
        for key, part in value.items():
            _require_plain(key)
            _require_plain(part)
    elif type(value) not in _PLAIN:
        raise ValueError(f"{type(value).__name__} is no plain value")


def _run_tests(item: Item, candidate: Callable[..., Any]) -> None:
    """Run an item's tests; what they draw by chance is the same each time."""
    random.seed(0)
    space: dict[str, Any] = {}
    # the beginning defines what some tests use beside the function, which itself is replaced
    exec(str(item.reference["prompt"]) + str(item.reference["solution"]), space)  # noqa: S102 (the benchmark's own code)
    space[str(item.reference["function"])] = candidate
    exec(str(item.reference["tests"]), space)  # noqa: S102
    space["check"](candidate)
