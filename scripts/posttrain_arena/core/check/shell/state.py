"""What is known at one point of a shell script, and how it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from posttrain_arena.core.check.shell.values import Value, Values, Variables, joined, unknown

Truth = bool | None
"""Whether a command succeeds; None where the script alone does not tell."""

NOTHING_YET = (Value("", 0),)
"""The content of a reward file that nobody has written."""

SUCCESS = (Value("0", 0),)


@dataclass(slots=True, kw_only=True)
class State:
    """``written`` are names of watched files that every way to here has written; ``reward`` what the reward holds.

    ``lost`` has for a file that only some ways have written the line where they part; ``trapped`` are files that a
    trap writes at the end.
    """

    variables: Variables
    folder: str
    written: frozenset[str] = frozenset()
    reward: Values = NOTHING_YET
    lost: dict[str, int] = field(default_factory=dict)
    trapped: frozenset[str] = frozenset()
    arguments: tuple[Values, ...] = ()
    errexit: bool = False
    nounset: bool = False
    pipefail: bool = False

    def copy(self) -> State:
        """Return a state that can change by itself."""
        return replace(self, variables=dict(self.variables), lost=dict(self.lost))

    def keep_files(self, other: State) -> None:
        """Take over what a subshell did to files; its variables end with it."""
        self.written, self.reward, self.lost = other.written, other.reward, other.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A command as it is run.

    ``outputs`` are the files that its output goes to, ``inputs`` those that it reads by ``<``, ``text`` is what a
    here-document gives it, from ``text_line`` on, and ``said`` what it prints, where that is known. ``guarded``: it
    runs where a tool was looked for and not found, or found; ``alternative``: another command follows it by ``||``.
    ``settings`` are variables set for it alone, as ``NAME=text``.
    """

    script: str
    line: int
    name: str
    arguments: tuple[Values, ...] = ()
    outputs: tuple[Values, ...] = ()
    inputs: tuple[Values, ...] = ()
    text: str = ""
    text_line: int = 0
    text_quoted: bool = False
    said: Values = ()
    folder: str = ""
    guarded: bool = False
    alternative: bool = False
    appends: bool = False
    settings: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """Return the first known text of every argument."""
        return [values[0].text if values else "" for values in self.arguments]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """An end of the script: by ``exit`` or ``exec``, where a command fails under ``set -e``, or behind the last line.

    ``why`` says why the command fails in any case, "" where that depends on something.
    """

    script: str
    line: int
    kind: Literal["exit", "fails", "end"]
    state: State
    status: Values = ()
    why: str = ""


def join(states: Iterable[State], line: int, *, either: bool = False) -> State | None:
    """Return what is known where several ways meet; ``either`` takes a file for written that one way has written."""
    ways = list(states)
    if not ways:
        return None
    first = ways[0]
    for other in ways[1:]:
        first = _two(first, other, line, either=either)
    return first


def _two(left: State, right: State, line: int, *, either: bool) -> State:
    variables = left.variables
    if variables is not right.variables:
        names = left.variables.keys() | right.variables.keys()
        variables = {name: _value(name, left, right, line) for name in names}
    both, some = left.written & right.written, left.written | right.written
    lost = left.lost | right.lost
    if not either:
        lost = lost | dict.fromkeys(some - both, line)
    return State(
        variables=variables,
        folder=left.folder if left.folder == right.folder else unknown(line)[0].text,
        written=some if either else both,
        reward=joined(left.reward, right.reward),
        lost=lost,
        trapped=left.trapped & right.trapped,
        arguments=left.arguments if left.arguments == right.arguments else (),
        errexit=left.errexit and right.errexit,
        nounset=left.nounset and right.nounset,
        pipefail=left.pipefail and right.pipefail,
    )


def _value(name: str, left: State, right: State, line: int) -> Values:
    mine, other = left.variables.get(name), right.variables.get(name)
    return mine if mine == other and mine else joined(mine or unknown(line), other or unknown(line))


Outcome = tuple[State | None, Truth]


class TooLongError(Exception):
    """A script takes more steps than are followed."""


@dataclass(slots=True)
class Frame:
    """What ``exit``, ``return`` and ``break`` leave: the states they leave it with."""

    kind: Literal["function", "subshell", "loop"]
    left: list[State] = field(default_factory=list)
