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
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

LEAST_NODES = 24
"""Nodes of the syntax tree of a function that is told by its shape alone."""

LEAST_WORDS = 5
"""Words of a documentation that tells a short function from others."""

MAX_CHARS = 200_000
MAX_FUNCTIONS = 5_000

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n(.*?)^[ \t]*(?:```|~~~)", re.MULTILINE | re.DOTALL)
_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(", re.MULTILINE)
_WORD = re.compile(r"\w+")
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """``key`` is equal for functions that count as copies of each other; ``line`` counts from 1 within the text."""

    name: str
    line: int
    key: str


def functions(text: str) -> Iterator[Function]:
    """Yield the functions in a text: a program, its parts in fences, or what begins with ``def``."""
    text = text[:MAX_CHARS]
    if "def " not in text:
        return
    seen: set[tuple[int, str]] = set()
    for offset, source in _sources(text):
        for function in _functions_of(source):
            place = offset + function.line, function.key
            if place not in seen and len(seen) < MAX_FUNCTIONS:
                seen.add(place)
                yield Function(name=function.name, line=place[0], key=function.key)


def _sources(text: str) -> Iterator[tuple[int, str]]:
    """Yield (lines before, source) of everything that may be a program."""
    yield 0, text
    if _tree(text):
        return
    for block in _FENCE.finditer(text):
        yield text.count("\n", 0, block.start(1)), block.group(1)
    for found in _DEFINITION.finditer(text):
        yield text.count("\n", 0, found.start()), _block(text[found.start() :])


def _block(text: str) -> str:
    """Return a definition with what is indented below it."""
    lines = text.splitlines()
    margin = len(lines[0]) - len(lines[0].lstrip())
    closed = lines[0].count("(") <= lines[0].count(")")
    for number, line in enumerate(lines[1:], start=1):
        if closed and line.strip() and len(line) - len(line.lstrip()) <= margin:
            return "\n".join(lines[:number])
        closed = closed or line.rstrip().endswith(":")
    return "\n".join(lines)


def _tree(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(textwrap.dedent(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _functions_of(source: str) -> Iterator[Function]:
    tree = _tree(source)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            line, name = node.lineno, node.name
            try:
                keys = _keys(node)
            except RecursionError:
                continue
            yield from (Function(name=name, line=line, key=key) for key in keys)


def _keys(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    documentation = ast.get_docstring(node) or ""
    plain = _Plain().visit(ast.parse(ast.unparse(node)).body[0])
    size = sum(1 for _ in ast.walk(plain))
    named = ast.dump(plain)
    renaming = _Renamed()
    shape = ast.dump(renaming.visit(plain))
    told = [renaming.names.get(word, word) for word in _WORD.findall(documentation)]
    keys = [_digest(shape if size >= LEAST_NODES else named)]
    if len(told) >= LEAST_WORDS:
        keys.append(_digest(" ".join([shape, *told])))
    return iter(keys)


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
