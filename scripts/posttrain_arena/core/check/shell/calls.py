"""Make of a simple command in a script the call that it is: its arguments, files and what it prints."""

from __future__ import annotations

import re

from posttrain_arena.core.check.shell.run import Walk
from posttrain_arena.core.check.shell.state import Call, State
from posttrain_arena.core.check.shell.tree import Redirect, Simple, Word
from posttrain_arena.core.check.shell.values import Value, Values, expand, expand_text, known

_PREFIXES = frozenset(
    ("env", "timeout", "nice", "nohup", "time", "exec", "sudo", "stdbuf", "setsid", "ionice", "command")
)
_FORMAT = re.compile(r"%[-+0-9.]*[sdifg]|\\n|%%")


def is_tool_check(call: Call) -> bool:
    """Say whether a command looks for a tool or a module: ``command -v pytest``, ``python3 -c "import pytest"``."""
    words = call.words()
    if call.name in ("which", "type", "hash") or (call.name == "command" and words[:1] in (["-v"], ["-V"])):
        return True
    if call.name in ("[", "test", "[["):
        return "-x" in words[:2]
    return (words[:1] == ["-c"] and "import " in " ".join(words[1:2])) or words[-1:] in (["--version"], ["--help"])


def arguments_of(words: tuple[Word, ...], state: State) -> list[Values]:
    """Return the words of a command as it gets them."""
    found: list[Values] = []
    for word in words:
        variable = word.parts[0] if len(word.parts) == 1 and word.parts[0].kind == "variable" else None
        if variable and variable.text in ("@", "*"):
            found.extend(state.arguments)
            continue
        values = expand(word, state.variables)
        if variable and not variable.quoted and len(values) == 1 and " " in values[0].text:
            found.extend((Value(text, values[0].line),) for text in values[0].text.split())
        else:
            found.append(values)
    return found


def without_prefix(arguments: list[Values]) -> list[Values]:
    """Leave out ``env A=b``, ``timeout 30`` and the like in front of a command."""
    while arguments and arguments[0][0].text in _PREFIXES and len(arguments) > 1:
        words = [values[0].text for values in arguments]
        if words[0] == "command" and words[1] in ("-v", "-V"):
            break
        skipped = 1
        while skipped < len(words) and _is_option(words[0], words[skipped]):
            skipped += 1
        arguments = arguments[skipped:]
    return arguments


def _is_option(prefix: str, word: str) -> bool:
    return (
        word.startswith("-")
        or (prefix in ("env", "sudo") and "=" in word)
        or (prefix in ("timeout", "nice", "ionice") and re.fullmatch(r"[\d.]+[smhd]?|\0", word) is not None)
    )


def call_of(walk: Walk, node: Simple, arguments: list[Values], state: State, *, settings: tuple[str, ...] = ()) -> Call:
    """Return the call that a command with these words is."""
    name, arguments_after = arguments[0][0].text if arguments else "", tuple(arguments[1:])
    outputs = [item for item in node.redirects if item.operator in (">", ">>", ">|", "&>", "&>>", "<>")]
    inputs = [item for item in node.redirects if item.operator == "<"]
    given = next((item for item in node.redirects if item.heredoc or item.operator == "<<<"), None)
    text, text_line, quoted = _given(given, state)
    return Call(
        script=walk.scripts[-1],
        line=walk.fixed_line or node.line,
        name=name,
        arguments=arguments_after,
        outputs=tuple(expand(item.target, state.variables) for item in outputs if item.descriptor in ("", "1")),
        inputs=tuple(expand(item.target, state.variables) for item in inputs),
        text=text,
        text_line=text_line,
        text_quoted=quoted,
        said=_said(name, arguments_after, walk.heard, (given, text, state)),
        folder=state.folder,
        guarded=walk.guards > 0,
        alternative=walk.alternatives > 0,
        settings=settings,
        appends=any(item.operator in (">>", "&>>") for item in outputs),
    )


def _given(redirect: Redirect | None, state: State) -> tuple[str, int, bool]:
    if redirect is None:
        return "", 0, False
    if redirect.heredoc is None:
        return expand(redirect.target, state.variables)[0].text, redirect.target.line, False
    heredoc = redirect.heredoc
    return heredoc.body, heredoc.body_line, heredoc.quoted


def _said(name: str, arguments: tuple[Values, ...], heard: Values, given: tuple[Redirect | None, str, State]) -> Values:
    """Return what a command prints, () where that is not known."""
    if name == "echo":
        return _echoed(arguments)
    if name == "printf":
        return _printed(arguments)
    redirect, text, state = given
    if name in ("cat", "tee") and redirect is not None and (name == "tee" or not arguments):
        quoted = redirect.heredoc is not None and redirect.heredoc.quoted
        line = redirect.target.line
        return (Value(text, line),) if quoted else expand_text(text, state.variables, line)
    return heard if name == "tee" or (name == "cat" and not arguments) else ()


def _echoed(arguments: tuple[Values, ...]) -> Values:
    words = [values for values in arguments if values[0].text not in ("-n", "-e", "-ne", "-en")]
    if len(words) == 1:
        return words[0]
    return tuple(Value(" ".join(values[0].text for values in words), words[0][0].line) for _ in words[:1])


def _printed(arguments: tuple[Values, ...]) -> Values:
    """Fill the arguments into printf's format; only one of them may have several values."""
    rest = [values for values in arguments if values[0].text != "--"]
    if not rest or not known(rest[0]) or len(rest[0]) != 1:
        return ()
    form, several = rest[0][0], [values for values in rest[1:] if len(values) > 1]
    if len(several) > 1:
        return ()
    return tuple(_filled(form, rest[1:], choice) for choice in (several[0] if several else (None,)))


def _filled(form: Value, arguments: list[Values], choice: Value | None) -> Value:
    taken = iter(arguments)
    line = form.line

    def put(found: re.Match[str]) -> str:
        nonlocal line
        if found[0] in ("\\n", "%%"):
            return {"\\n": "\n", "%%": "%"}[found[0]]
        values = next(taken, None)
        if values is None:
            return ""
        value = choice if choice is not None and len(values) > 1 else values[0]
        line = value.line if found[0] == form.text.replace("\\n", "").strip() else line
        return value.text

    return Value(_FORMAT.sub(put, form.text), line)
