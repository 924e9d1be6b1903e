"""Follow the simple commands of a package's scripts: builtins, functions, scripts of the package, other programs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Protocol

from posttrain_arena.core.check.shell.builtins import BUILTINS, Builtin, go_to, set_arguments
from posttrain_arena.core.check.shell.calls import arguments_of, call_of, is_tool_check, without_prefix
from posttrain_arena.core.check.shell.commands import assigned, assigned_value
from posttrain_arena.core.check.shell.later import Later, used_in
from posttrain_arena.core.check.shell.run import Walk
from posttrain_arena.core.check.shell.script import script_block
from posttrain_arena.core.check.shell.state import Call, Exit, Outcome, State, TooLongError, Truth
from posttrain_arena.core.check.shell.tree import Simple, Word
from posttrain_arena.core.check.shell.truth import test_holds
from posttrain_arena.core.check.shell.values import UNKNOWN, Value, Values, expand, resolved, unknown
from posttrain_arena.model.shown import shown

SHELLS = frozenset(("bash", "sh", "dash", "ksh", "/bin/bash", "/bin/sh", "/usr/bin/bash"))
_SUCCEEDING = frozenset((":", "true", "echo", "printf", "shopt", "alias", "umask", "sleep"))
_DECLARING = frozenset(("export", "declare", "local", "readonly", "typeset"))


class World(Protocol):
    """What a script finds around it."""

    def text_of(self, path: str) -> str | None:
        """Return the text of a file of the package by its path in the container, None where it has none."""

    def exists(self, sign: str, path: str) -> Truth:
        """Say whether ``test sign path`` holds."""

    def effect(self, call: Call, state: State) -> bool:
        """Put into ``state`` what a program does; False where that is not known."""

    def may_fail(self, call: Call) -> bool:
        """Say whether a program fails where the agent's work is wrong."""

    def is_program(self, name: str) -> bool:
        """Say whether a command of this name is there without any script defining it."""

    def has_variable(self, name: str) -> bool:
        """Say whether the image gives a variable a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What was met in a script; ``whole`` is False where not all of it could be followed.

    ``early`` says of functions that they are called before they are defined.
    """

    calls: tuple[Call, ...]
    exits: tuple[Exit, ...]
    whole: bool
    unsure: bool
    early: tuple[str, ...] = ()


def follow_script(text: str, script: str, state: State, world: World) -> Followed:
    """Follow a script from its first line; ``script`` is its path in the package."""
    block = script_block(text)
    if block is None:
        return Followed(calls=(), exits=(), whole=False, unsure=True)
    follower = _Follower(world)
    follower.later.add(block)
    walk = Walk(follower.simple, is_tool_check)
    walk.scripts.append(script)
    whole = True
    try:
        after, _ = walk.block(block, state)
        if after is not None:
            walk.leave(text.rstrip().count("\n") + 1, "end", after)
    except TooLongError:
        whole = False
    return Followed(
        calls=tuple(walk.calls),
        exits=tuple(walk.exits),
        whole=whole,
        unsure=walk.unsure or not whole,
        early=tuple(follower.early),
    )


class _Follower:
    def __init__(self, world: World) -> None:
        self.world = world
        self.later = Later()
        self.early: dict[str, None] = {}
        self.in_trap = False
        self.builtins: dict[str, Builtin] = {
            **BUILTINS,
            "cd": self._cd,
            "pushd": self._cd,
            "[": self._test,
            "test": self._test,
            "[[": self._test,
            "trap": self._trap,
            "eval": self._eval,
            "source": self._source,
            ".": self._source,
        }

    def simple(self, walk: Walk, node: Simple, state: State) -> Outcome:
        """Follow one simple command."""
        if state.nounset and (why := self._without_value(node, state)):
            walk.why = why
            walk.leave(node.line, "fails", state)
            return None, None
        failing = self._substitutions(walk, node, state)
        assigned_here = [(name, _assigned_values(word, state)) for name, word in node.assignments]
        if not node.words and not node.redirects:
            state.variables.update(assigned_here)
            walk.failing = failing
            return state, None if _runs_commands(node) else True
        settings = tuple(f"{name}={values[0].text}" for name, values in assigned_here)
        call = call_of(walk, node, without_prefix(arguments_of(node.words, state)), state, settings=settings)
        if not walk.ghosts and call.name not in walk.functions:
            walk.calls.append(call)
        outcome = self._declare(node, state) if call.name in _DECLARING else self._run(walk, call, state)
        replaces = bool(node.words) and node.words[0].bare() == "exec"
        if replaces and call.name not in ("", "exec") and outcome[0] is not None:
            walk.leave(node.line, "exit", outcome[0])
            return None, None
        return outcome

    @staticmethod
    def _declare(node: Simple, state: State) -> Outcome:
        for word in node.words[1:]:
            if name := assigned(word):
                state.variables[name] = _assigned_values(assigned_value(word), state)
        return state, True

    def _run(self, walk: Walk, call: Call, state: State) -> Outcome:
        if call.name in self.builtins:
            return self.builtins[call.name](walk, call, state)
        inner = None if call.name in walk.functions else self._inner_script(call, state)
        if call.name not in walk.functions and inner is None:
            return self._program(walk, call, state)
        if inner is not None:
            after, truth = self._script(walk, call, state, inner)
        else:
            after, truth = self._function(walk, call, state)
        if call.outputs and after is not None:
            self.world.effect(replace(call, name=":", arguments=()), after)
        return after, truth

    def _without_value(self, node: Simple, state: State) -> str:
        """Say which variable ``set -u`` misses: one that only a later line sets. "" where there is none for certain."""
        for name in used_in(node):
            line = None if name in state.variables else self.later.variable(name)
            if line is not None and line > node.line and not self.world.has_variable(name):
                return f"${shown(name)} has no value before line {line}, and set -u is on"
        return ""

    def _too_early(self, call: Call) -> str:
        """Say that a command is a function that is not defined yet; "" where it may be something else."""
        line = None if call.guarded or self.in_trap else self.later.function(call.name)
        if line is None or line <= call.line or self.world.is_program(call.name):
            return ""
        return f"{shown(call.name)} is called on line {call.line} and defined only on line {line}"

    def _program(self, walk: Walk, call: Call, state: State) -> Outcome:
        if why := self._too_early(call):
            self.world.effect(replace(call, name=":", arguments=()), state)
            walk.failing, walk.why = True, why
            if not walk.ghosts:
                self.early[why] = None
            return state, False
        if call.name in ("echo", "printf"):
            walk.said = call.said
        if not self.world.effect(call, state) and not walk.ghosts:
            walk.unsure = True
        walk.failing = self.world.may_fail(call)
        makes = call.name == "mkdir" and any(word in ("-p", "--parents") for word in call.words())
        truth = True if makes or call.name in _SUCCEEDING else None
        return state, False if call.name == "false" else truth

    def _substitutions(self, walk: Walk, node: Simple, state: State) -> bool:
        words = [*node.words, *(word for _, word in node.assignments), *(item.target for item in node.redirects)]
        failing = False
        for word in words:
            for part in word.parts:
                if part.block:
                    walk.subshell(lambda inner, block=part.block: walk.block(block, inner), state)  # type: ignore[misc]
                    failing |= walk.failing
        walk.said = ()
        return failing

    def _function(self, walk: Walk, call: Call, state: State) -> Outcome:
        before = {name: state.variables[name] for name in "123456789" if name in state.variables}
        set_arguments(state, call.arguments)
        after, truth = walk.call_block(walk.functions[call.name], state, "function", call.script)
        if after is not None:
            set_arguments(after, ())
            after.variables.update(before)
        return after, truth

    def _inner_script(self, call: Call, state: State) -> tuple[str, str] | None:
        """Return the name and text of a shell script that is run, None where none is."""
        words = call.words()
        if call.name in SHELLS:
            flags = [word for word in words if word.startswith("-")]
            files = [word for word in words if not word.startswith("-")]
            if any("c" in flag and not flag.startswith("--") for flag in flags) and files and UNKNOWN not in files[0]:
                return call.script, files[0]
            path = resolved(files[0], state.folder) if files else ""
        else:
            path = resolved(call.name, state.folder) if "/" in call.name else ""
        text = self.world.text_of(path) if path else None
        is_script = text is not None and (call.name in SHELLS or re.match(r"#!.*\b(ba|da|k)?sh\b", text))
        return (path, text) if is_script and text is not None else None

    def _script(self, walk: Walk, call: Call, state: State, inner: tuple[str, str]) -> Outcome:
        block = script_block(inner[1])
        if block is None:
            walk.unsure = True
            return state, None
        path, taken = inner[0], state.copy()
        taken.errexit = taken.pipefail = taken.nounset = False
        self.later.add(block)
        name = path.lstrip("/")
        inside = name != call.script and path.startswith("/")
        if inside:
            taken.variables["0"] = (Value(path, call.line),)
            set_arguments(taken, call.arguments[1 if call.name in SHELLS else 0 :])
        checked, walk.checked = walk.checked, False
        fixed, walk.fixed_line = walk.fixed_line, 0 if inside else call.line
        after, _ = walk.call_block(block, taken, "subshell", name if inside else call.script)
        walk.checked, walk.fixed_line = checked, fixed
        if after is not None:
            state.keep_files(after)
        walk.failing = False
        return state, None

    def _source(self, walk: Walk, call: Call, state: State) -> Outcome:
        words = call.words()
        path = resolved(words[0], state.folder) if words else ""
        text = self.world.text_of(path)
        block = script_block(text) if text is not None else None
        if block is None:
            walk.unsure |= not walk.ghosts and self.world.exists("-e", path) is not False
            return state, None
        self.later.add(block)
        return walk.call_block(block, state, "function", path.lstrip("/"))

    def _eval(self, walk: Walk, call: Call, state: State) -> Outcome:
        text = " ".join(call.words())
        block = script_block(text) if UNKNOWN not in text else None
        if block is None:
            walk.unsure = True
            return state, None
        self.later.add(block)
        fixed, walk.fixed_line = walk.fixed_line, call.line
        outcome = walk.call_block(block, state, "function", call.script)
        walk.fixed_line = fixed
        return outcome

    def _trap(self, walk: Walk, call: Call, state: State) -> Outcome:
        words = [word for word in call.words() if word != "--"]
        if not {"EXIT", "0", "ERR"}.intersection(words[1:]) or words[0] in ("", "-"):
            return state, True
        block = script_block(words[0]) if UNKNOWN not in words[0] else None
        if block is None:
            walk.unsure = True
            return state, True
        handler = state.copy()
        handler.written, handler.errexit, handler.nounset = frozenset(), False, False
        exits, walk.exits = walk.exits, []
        self.in_trap = True
        after, _ = walk.call_block(block, handler, "subshell", call.script)
        walk.exits, self.in_trap = exits, False
        state.trapped |= after.written if after is not None else frozenset()
        return state, True

    def _cd(self, walk: Walk, call: Call, state: State) -> Outcome:
        go_to(call, state)
        return state, self.world.exists("-d", state.folder)

    def _test(self, walk: Walk, call: Call, state: State) -> Outcome:
        arguments = call.arguments
        if call.name != "test":
            arguments = arguments[:-1]
        walk.failing = True
        return state, test_holds(arguments, lambda sign, path: self.world.exists(sign, resolved(path, state.folder)))


def _assigned_values(word: Word, state: State) -> Values:
    return unknown(word.line) if word.items else expand(word, state.variables)


def _runs_commands(node: Simple) -> bool:
    return any(part.block for _, word in node.assignments for part in word.parts)
