"""What the builtins of a shell do that change where and how a script goes on."""

from __future__ import annotations

import re
from collections.abc import Callable

from posttrain_arena.core.check.shell.run import Walk
from posttrain_arena.core.check.shell.state import Call, Outcome, State
from posttrain_arena.core.check.shell.truth import arithmetic_holds
from posttrain_arena.core.check.shell.values import UNKNOWN, Value, Values, resolved, unknown

_CHANGED = re.compile(r"(\w+)\s*(?:[-+*/%]?=(?!=)|\+\+|--)|(?:\+\+|--)(\w+)")


def _exit(walk: Walk, call: Call, state: State) -> Outcome:
    walk.leave(call.line, "exit", state, call.arguments[0] if call.arguments else ())
    return None, None


def _return(walk: Walk, call: Call, state: State) -> Outcome:
    if not walk.leave_frame("function", state):
        walk.leave(call.line, "exit", state, unknown(call.line))
    return None, None


def _leave_loop(walk: Walk, call: Call, state: State) -> Outcome:
    return (None, None) if walk.leave_frame("loop", state) else (state, True)


def go_to(call: Call, state: State) -> None:
    """Take over the folder that ``cd`` goes to."""
    words = [word for word in call.words() if not word.startswith("-")]
    state.folder = resolved(words[0], state.folder) if words else UNKNOWN
    state.variables["PWD"] = (Value(state.folder, call.line),)


def _set(walk: Walk, call: Call, state: State) -> Outcome:
    words = call.words()
    if "--" in words:
        set_arguments(state, call.arguments[words.index("--") + 1 :])
        words = words[: words.index("--")]
    for before, word in zip(["", *words], words, strict=False):
        on = (before or word).startswith("-")
        if word[:1] in "-+" and not word.startswith("--"):
            on = word.startswith("-")
            state.errexit = on if "e" in word[1:] else state.errexit
            state.nounset = on if "u" in word[1:] else state.nounset
        elif word == "errexit":
            state.errexit = on
        elif word == "nounset":
            state.nounset = on
        elif word == "pipefail":
            state.pipefail = on
    return state, True


def _read(walk: Walk, call: Call, state: State) -> Outcome:
    for word in call.words():
        if not word.startswith("-"):
            state.variables[word] = unknown(call.line)
    return state, None


def _arithmetic(walk: Walk, call: Call, state: State) -> Outcome:
    text = " ".join(call.words())
    for found in _CHANGED.finditer(text):
        state.variables[found[1] or found[2]] = unknown(call.line)
    walk.failing = True
    return state, arithmetic_holds(text, lambda name: state.variables.get(name, unknown(call.line)))


def set_arguments(state: State, arguments: tuple[Values, ...]) -> None:
    """Put the arguments of a function or script in place."""
    state.arguments = arguments
    for number in "123456789":
        state.variables.pop(number, None)
    state.variables.update(zip("123456789", arguments, strict=False))


Builtin = Callable[[Walk, Call, State], Outcome]

BUILTINS: dict[str, Builtin] = {
    "exit": _exit,
    "return": _return,
    "break": _leave_loop,
    "continue": _leave_loop,
    "set": _set,
    "read": _read,
    "mapfile": _read,
    "readarray": _read,
    "getopts": _read,
    "unset": _read,
    "let": _arithmetic,
    "((": _arithmetic,
}
