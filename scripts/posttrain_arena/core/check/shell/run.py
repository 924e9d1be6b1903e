"""Follow a shell script along every way it can take, without running it.

Conditions that follow from the script are decided, all others taken both ways; a loop is gone through once. Where a
script does what is not followed (``eval`` of a computed text, a program whose doings are unknown), ``unsure`` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from posttrain_arena.core.check.shell.state import SUCCESS, Call, Exit, Frame, Outcome, State, TooLongError, Truth, join
from posttrain_arena.core.check.shell.tree import Block, Compound, Node, Pipeline, Simple, Statement, assigned_in
from posttrain_arena.core.check.shell.truth import inverted
from posttrain_arena.core.check.shell.values import MAX_VALUES, Values, expand, known, unknown

MAX_STEPS = 4000
MAX_JOINED = 200
"""Pipelines joined by ``&&`` and ``||``, and commands joined by ``|``."""

MAX_CALLS_DEEP = 12
"""Functions that call functions and scripts that call scripts; a longer script is not followed to its end."""

_FILTERS = frozenset(("tee", "cat", "tail", "head", "sed", "tr", "sort", "wc", "uniq", "nl", "fold", "column"))
"""Commands at the end of a pipe that succeed whatever comes before them."""


class Walk:
    """One way through a script and the scripts it calls; ``calls`` and ``exits`` are what was met."""

    def __init__(self, simple: Callable[[Walk, Simple, State], Outcome], is_tool_check: Callable[[Call], bool]) -> None:
        self.simple, self.is_tool_check = simple, is_tool_check
        self.calls: list[Call] = []
        self.exits: list[Exit] = []
        self.functions: dict[str, Block] = {}
        self.frames: list[Frame] = []
        self.scripts: list[str] = []
        self.steps = self.guards = self.alternatives = self.ghosts = 0
        self.unsure = False
        self.fixed_line = 0
        self.failing = False
        self.checked = False
        self.why = ""
        self.said: Values = ()
        self.heard: Values = ()

    def block(self, block: Block, state: State | None) -> Outcome:
        """Follow commands one after the other; the truth is that of the last."""
        truth: Truth = True
        for statement in block:
            if state is None:
                return None, None
            self.steps += 1
            if len(self.scripts) > MAX_CALLS_DEEP or self.steps > MAX_STEPS:
                raise TooLongError
            state, truth = self.statement(statement, state)
        return state, truth

    def statement(self, statement: Statement, state: State) -> Outcome:
        """Follow pipelines joined by ``&&`` and ``||``."""
        if not statement.rest:
            return self._first(statement.first, state)
        if len(statement.rest) > MAX_JOINED:
            raise TooLongError
        before = len(self.calls)
        operators = [operator for operator, _ in statement.rest]
        with self._while("checked", True), self._while("alternatives", self.alternatives + ("||" in operators)):
            current, truth = self._first(statement.first, state)
        guarded = any(self.is_tool_check(call) for call in self.calls[before:])
        for index, (operator, pipeline) in enumerate(statement.rest):
            if current is None:
                return None, None
            last = index == len(statement.rest) - 1 and operator == "&&"
            with (
                self._while("guards", self.guards + guarded),
                self._while("alternatives", self.alternatives + ("||" in operators[index + 1 :])),
            ):
                current, truth = self._joined(operator, pipeline, (current, truth), last=last)
        return current, truth

    def _joined(self, operator: str, pipeline: Pipeline, before: tuple[State, Truth], *, last: bool) -> Outcome:
        state, truth = before
        if truth is (operator == "||"):
            with self._while("ghosts", self.ghosts + 1):
                self._first(pipeline, state.copy())
            return state, truth
        taken = state if truth is not None else state.copy()
        checked = self.checked
        self.checked = checked or not last
        after, then = self._first(pipeline, taken)
        self.checked = checked
        if truth is not None:
            return after, then
        kept = operator == "||"
        known_truth = kept if after is None or then is kept else None
        ways = [way for way in (state, after) if way is not None]
        out = join(ways, pipeline.line, either=self._is_fallback(pipeline, operator, state, after))
        if out is not None:
            out.variables["?"] = SUCCESS if known_truth else unknown(pipeline.line)
        return out, known_truth

    @staticmethod
    def _is_fallback(pipeline: Pipeline, operator: str, state: State, after: State | None) -> bool:
        """``command || default``: the command may well have written what the default writes in its place."""
        return operator == "||" and after is not None and bool(state.written - after.written)

    def _first(self, pipeline: Pipeline, state: State) -> Outcome:
        self.failing, self.why = False, ""
        after, truth = self._stages(pipeline, state)
        if pipeline.negated:
            return after, inverted(truth)
        if after is None:
            return None, None
        after.variables["?"] = SUCCESS if truth else unknown(pipeline.line)
        if not after.errexit or self.checked or truth:
            return after, truth
        if self.failing or truth is False:
            self.leave(pipeline.line, "fails", after.copy())
        return (None, None) if truth is False else (after, truth)

    def _stages(self, pipeline: Pipeline, state: State) -> Outcome:
        stages = pipeline.stages
        if len(stages) == 1:
            return self.node(stages[0], state)
        if len(stages) > MAX_JOINED:
            raise TooLongError
        truth: Truth = None
        failing = False
        for stage in stages:
            truth = self.subshell(lambda inner, stage=stage: self.node(stage, inner), state)  # type: ignore[misc]
            failing |= self.failing
            self.heard = self.said
        self.heard = ()
        self.failing = failing if state.pipefail else self.failing
        last = stages[-1]
        if not state.pipefail and isinstance(last, Simple) and last.words and last.words[0].bare() in _FILTERS:
            truth, self.failing = True, False
        return state, None if state.pipefail else truth

    def node(self, node: Node, state: State) -> Outcome:
        """Follow one command."""
        self.said = ()
        if isinstance(node, Simple):
            return self.simple(self, node, state)
        follow = {
            "if": self._if,
            "loop": self._loop,
            "case": self._case,
            "group": self._group,
            "subshell": self._group,
            "function": self._define,
        }
        outcome = follow[node.kind](node, state)
        self.failing = False
        return outcome

    def subshell(self, follow: Callable[[State], Outcome], state: State) -> Truth:
        """Follow something that runs in a shell of its own: what it does to files stays."""
        self.frames.append(Frame("subshell"))
        after, truth = follow(state.copy())
        frame = self.frames.pop()
        out = join([*([after] if after else []), *frame.left], 0)
        if out is not None:
            state.keep_files(out)
        return truth if not frame.left else None

    def call_block(self, block: Block, state: State, kind: Literal["function", "subshell"], script: str) -> Outcome:
        """Follow a function or a script that is sourced, or another script."""
        self.scripts.append(script)
        self.frames.append(Frame(kind))
        after, truth = self.block(block, state)
        frame = self.frames.pop()
        self.scripts.pop()
        return join([*([after] if after else []), *frame.left], 0), truth if not frame.left else None

    def leave(self, line: int, kind: Literal["exit", "fails", "end"], state: State, status: Values = ()) -> None:
        """End the script, or the subshell that this is in."""
        inner = [frame for frame in self.frames if frame.kind == "subshell"]
        if inner:
            inner[-1].left.append(state)
        elif not self.ghosts:
            self.exits.append(
                Exit(
                    script=self.scripts[-1],
                    line=self.fixed_line or line,
                    kind=kind,
                    state=state,
                    status=status,
                    why=self.why if kind == "fails" else "",
                )
            )

    def leave_frame(self, kind: str, state: State) -> bool:
        """Leave the innermost loop or function; False where there is none."""
        for frame in reversed(self.frames):
            if frame.kind == kind:
                frame.left.append(state)
                return True
            if frame.kind != "loop":
                return False
        return False

    def _if(self, node: Compound, state: State) -> Outcome:
        ends: list[State] = []
        current: State | None = state
        guarded = mentioned = False
        for condition, body in node.branches:
            if current is None:
                break
            before = len(self.calls)
            truth: Truth = True
            if condition:
                with self._while("checked", True):
                    current, truth = self.block(condition, current)
                guarded |= any(self.is_tool_check(call) for call in self.calls[before:])
                mentioned |= any(_mentions(call) for call in self.calls[before:])
            current = self._taken(body, current, truth, guarded=guarded, ends=ends)
        if current is not None:
            ends.append(current)
        return join(ends, node.line, either=mentioned), None

    def _taken(
        self, body: Block, state: State | None, truth: Truth, *, guarded: bool, ends: list[State]
    ) -> State | None:
        """Follow a branch whose condition is ``truth``; return the state of the ways that do not take it."""
        if state is None:
            return None
        if truth is False:
            with self._while("ghosts", self.ghosts + 1):
                self.block(body, state.copy())
            return state
        with self._while("guards", self.guards + guarded):
            after, _ = self.block(body, state.copy())
        if after is not None:
            ends.append(after)
        return None if truth else state

    def _case(self, node: Compound, state: State) -> Outcome:
        patterns = [word.bare() for words in node.patterns for word in words]
        ends: list[State] = []
        for _, body in node.branches:
            after, _ = self.block(body, state.copy())
            if after is not None:
                ends.append(after)
        if "*" not in patterns:
            ends.append(state)
        return join(ends, node.line), None

    def _loop(self, node: Compound, state: State) -> Outcome:
        condition, body = node.branches[0]
        rounds = [expand(word, state.variables) for word in node.words or ()]
        counted = bool(rounds) and len(rounds) <= MAX_VALUES and all(known(values) for values in rounds)
        if not counted:
            for name in assigned_in(node):
                state.variables[name] = unknown(node.line)
            rounds = [unknown(node.line)]
        for values in rounds:
            before, inner = state.copy(), state
            if node.name:
                inner.variables[node.name] = values
            self.frames.append(Frame("loop"))
            with self._while("checked", True):
                after = self.block(condition, inner)[0] if condition else inner
            after, _ = self.block(body, after)
            left = self.frames.pop().left
            ways = [*([after] if after else []), *left, *([] if counted else [before])]
            out = join(ways, node.line, either=not counted)
            if out is None:
                return None, None
            state = out
        return state, None

    def _group(self, node: Compound, state: State) -> Outcome:
        _, body = node.branches[0]
        if node.kind == "group" and not node.redirects:
            return self.block(body, state)
        if node.kind == "group":
            after, truth = self.block(body, state)
        else:
            after, truth = state, self.subshell(lambda inner: self.block(body, inner), state)
        if node.redirects and after is not None:
            self.simple(self, Simple(node.line, (), (), node.redirects), after)
        return after, truth

    def _define(self, node: Compound, state: State) -> Outcome:
        self.functions[node.name] = node.branches[0][1]
        return state, True

    @contextmanager
    def _while(self, name: str, value: int) -> Iterator[None]:
        """Let a counter or a mark of this walk be ``value`` for as long as the context lasts."""
        before = getattr(self, name)
        setattr(self, name, value)
        yield
        setattr(self, name, before)


def _mentions(call: Call) -> bool:
    return any("reward" in value.text or "/logs/" in value.text for values in call.arguments for value in values)
