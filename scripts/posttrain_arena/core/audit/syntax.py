"""Hash functions of Python by their shape, so that other names, comments, types and layout make no difference.

A long function is known by its shape alone. Of a short one many people write the same (``return a + b``), so it must
have the same names as well, or the same documentation in which the names were replaced too.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from posttrain_arena.core.audit.bounds import MAX_CHARS, TooMuchError, parsed

LEAST_NODES = 24
"""Nodes of the syntax tree of a function that is told by its shape alone."""

LEAST_WORDS = 5
"""Words of a documentation that tells a short function from others."""

MAX_FUNCTIONS = 5_000
MAX_WORK = 2_000_000
"""Characters that are parsed of one text, where definitions lie within others."""

MAX_LINES = 20_000
"""Lines of the functions of one program, those within others counted again."""

_DEFINITION = re.compile(r"[ \t]*(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(")
_FENCES = ("```", "~~~")
_WORD = re.compile(r"\w+")
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """``key`` is equal for functions that count as copies of each other; ``line`` counts from 1 within the text.

    ``shape_only``: neither names nor documentation are in the key, so that others may have written the same.
    """

    name: str
    line: int
    key: str
    shape_only: bool


def functions(text: str) -> Iterator[Function]:
    """Yield the functions in a text: a program, its parts in fences, or what begins with ``def``.

    Raises TooMuchError behind the last one that lies within the bounds.
    """
    if "def " not in text:
        return
    if len(text) > MAX_CHARS:
        raise TooMuchError(f"more than {MAX_CHARS} characters")
    seen: set[tuple[int, str]] = set()
    for offset, tree in _trees(text):
        for function in _functions_of(tree):
            place = offset + function.line, function.key
            if place not in seen:
                seen.add(place)
                yield replace(function, line=place[0])
            if len(seen) > MAX_FUNCTIONS:
                raise TooMuchError(f"more than {MAX_FUNCTIONS} functions")


def _trees(text: str) -> Iterator[tuple[int, ast.Module]]:
    """Yield (lines before, tree) of everything that is a program."""
    whole = parsed(textwrap.dedent(text))
    if whole:
        yield 0, whole
        return
    lines, work = text.split("\n"), 0
    for start, end in (*_fenced(lines), *_definitions(lines)):
        source = "\n".join(lines[start:end])
        work += len(source)
        if work > MAX_WORK:
            raise TooMuchError("definitions within definitions that are no program")
        tree = parsed(textwrap.dedent(source))
        if tree:
            yield start, tree


def _fenced(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the (first line, line behind the last) of every part in fences."""
    opened = None
    for number, line in enumerate(lines):
        if line.lstrip(" \t").startswith(_FENCES):
            if opened is not None:
                yield opened, number
            opened = number + 1 if opened is None else None


def _definitions(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the (first line, line behind the last) of every definition with what is indented below it."""
    for number, line in enumerate(lines):
        if _DEFINITION.match(line):
            yield number, _end(lines, number)


def _end(lines: Sequence[str], start: int) -> int:
    margin = _indent(lines[start])
    closed = lines[start].count("(") <= lines[start].count(")")
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if line.strip() and _indent(line) <= margin and (closed or _DEFINITION.match(line)):
            return number
        closed = closed or line.rstrip().endswith(":")
    return len(lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _functions_of(tree: ast.Module) -> Iterator[Function]:
    work = 0
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            work += (node.end_lineno or node.lineno) - node.lineno
            if work > MAX_LINES:
                raise TooMuchError("functions within functions")
            line, name = node.lineno, node.name
            try:
                keys = _keys(node)
            except (RecursionError, MemoryError, ValueError) as error:
                raise TooMuchError("a function that is nested too deep") from error
            yield from (Function(name=name, line=line, key=key, shape_only=shape) for key, shape in keys)


def _keys(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[tuple[str, bool]]:
    """Return (key, whether it is the shape's alone)."""
    documentation = ast.get_docstring(node) or ""
    plain = _Plain().visit(ast.parse(ast.unparse(node)).body[0])
    size = sum(1 for _ in ast.walk(plain))
    named = ast.dump(plain)
    renaming = _Renamed()
    shape = ast.dump(renaming.visit(plain))
    told = [renaming.names.get(word, word) for word in _WORD.findall(documentation)]
    keys = [(_digest(shape if size >= LEAST_NODES else named), True)]
    if len(told) >= LEAST_WORDS:
        keys.append((_digest(" ".join([shape, *told])), False))
    return keys


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class _Plain(ast.NodeTransformer):
    """Leave out what does not change what a function does: documentation, types, decorators."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list, node.returns, node.type_comment = [], None, None
        node.body = [item for item in node.body if not _is_text(item)] or [ast.Pass()]
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self.visit_FunctionDef(node)  # type: ignore[arg-type]

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation, node.type_comment = None, None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return self.generic_visit(ast.Assign(targets=[node.target], value=node.value))


class _Renamed(ast.NodeTransformer):
    """Number names in the order in which they come; those of Python itself stay."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def _new(self, name: str) -> str:
        return name if name in _BUILTINS else self.names.setdefault(name, f"v{len(self.names)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(id=self._new(node.id), ctx=node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(arg=self._new(node.arg))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._new(node.name)
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self.visit_FunctionDef(node)  # type: ignore[arg-type]

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg in self.names:
            node.arg = self.names[node.arg]
        return self.generic_visit(node)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
