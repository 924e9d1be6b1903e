"""What the tests of a pytest file check, as far as its text tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from posttrain_arena.core.check.python_code import dotted

_CHECKS = re.compile(
    r"assert|raise|fail|check|verif|valid|expect|equal|exit|should|ensure|compar|match|approx|require|score|grade",
    re.IGNORECASE,
)
_SKIPS = re.compile(r"(pytest\.)?(mark\.)?skip|unittest\.skip")
_SKIPS_IF = re.compile(
    r"(pytest\.)?(mark\.)?(skip|skipif|xfail)|unittest\.skip(If|Unless)?|(pytest\.)?importorskip|self\.skipTest"
)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class TestFunction:
    """A test; ``skipped`` whatever happens."""

    name: str
    line: int
    skipped: bool


def tests_in(tree: ast.Module) -> list[TestFunction]:
    """Return the tests that pytest finds in a file."""
    found: list[TestFunction] = []
    for node in tree.body:
        if isinstance(node, _Function) and node.name.startswith("test"):
            found.append(_test(node, skipped=False))
        elif isinstance(node, ast.ClassDef) and (node.name.startswith("Test") or _is_test_case(node)):
            skipped = any(_skips(decorator) for decorator in node.decorator_list)
            methods = [item for item in node.body if isinstance(item, _Function) and item.name.startswith("test")]
            found.extend(_test(method, skipped=skipped) for method in methods)
    return found


def may_have_other_tests(tree: ast.Module) -> bool:
    """Say whether tests may come from elsewhere: imports, loops, classes that inherit them, names made at run time."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and any(
            alias.name == "*" or alias.name.lower().startswith("test") for alias in node.names
        ):
            return True
        if isinstance(node, (ast.If, ast.For, ast.With, ast.Try, ast.While)):
            return True
        if isinstance(node, ast.ClassDef) and node.bases:
            return True
        if isinstance(node, ast.Assign) and any(dotted(target).startswith(("test", "Test")) for target in node.targets):
            return True
    return any(isinstance(node, ast.Name) and node.id in ("globals", "exec", "setattr") for node in ast.walk(tree))


def module_is_skipped(tree: ast.Module) -> int | None:
    """Return the line by which a whole file is skipped, None without one."""
    for node in tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and dotted(node.value.func) == "pytest.skip":
            return node.lineno
        if isinstance(node, ast.Assign) and any(dotted(target) == "pytestmark" for target in node.targets):
            marks = node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else [node.value]
            if any(_skips(mark) for mark in marks):
                return node.lineno
    return None


def checks_anything(tree: ast.Module) -> bool:
    """Say whether anything in a file can fail: an assertion that is not always true, or a call that may check."""
    swallowed = _swallowed(tree)
    for node in ast.walk(tree):
        if id(node) in swallowed:
            continue
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Assert) and not is_always_true(node.test)):
            return True
        if isinstance(node, ast.Call) and _CHECKS.search(_called(node)) and not _SKIPS_IF.fullmatch(dotted(node.func)):
            return True
    return False


def _swallowed(tree: ast.Module) -> set[int]:
    """Return the parts of ``try`` whose failures an ``except`` takes without a word."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(_takes_all(handler) for handler in node.handlers):
            found |= {id(inner) for part in node.body for inner in ast.walk(part)}
    return found


def _takes_all(handler: ast.ExceptHandler) -> bool:
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    takes = any(name is None or dotted(name) in ("Exception", "BaseException", "AssertionError") for name in names)
    silent = all(isinstance(part, (ast.Pass, ast.Continue)) or _is_print(part) for part in handler.body)
    return takes and silent


def _is_print(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) and dotted(part.value.func) == "print"


def void_assertions(tree: ast.Module) -> Iterator[int]:
    """Yield the lines of assertions that are always true and do not say so: ``assert True`` does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and is_always_true(node.test) and not isinstance(node.test, ast.Constant):
            yield node.lineno


def all_may_be_skipped(tree: ast.Module) -> int | None:
    """Return the first line by which a test may be skipped where no test is without one, None otherwise."""
    skipping = {node.name: line for node in tree.body if isinstance(node, _Function) and (line := _skip_line(node))}
    at_the_top = [node for node in tree.body if not isinstance(node, (_Function, ast.ClassDef))]
    if line := next((line for node in at_the_top if (line := _skip_line(node))), 0):
        return line
    functions = [node for node in ast.walk(tree) if isinstance(node, _Function) and node.name.startswith("test")]
    lines = [_skip_line(node) or _uses(node, skipping) for node in functions]
    return min(lines) if lines and all(lines) else None


def _skip_line(tree: ast.AST) -> int:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _SKIPS_IF.fullmatch(dotted(node)):
            return node.lineno
    return 0


def _uses(test: _Function, skipping: dict[str, int]) -> int:
    """Return the line of a fixture or function that skips and that a test uses, 0 without one."""
    names = [argument.arg for argument in test.args.args]
    names += [node.id for node in ast.walk(test) if isinstance(node, ast.Name)]
    return next((skipping[name] for name in names if name in skipping), 0)


def is_always_true(node: ast.expr) -> bool:
    """Say whether an expression is true whatever happens."""
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.Tuple):
        return bool(node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return isinstance(node.operand, ast.Constant) and not node.operand.value
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return any(is_always_true(value) for value in node.values)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.Is)):
        return isinstance(node.left, ast.Constant) and ast.dump(node.left) == ast.dump(node.comparators[0])
    return False


def _test(node: _Function, *, skipped: bool) -> TestFunction:
    first = next((item for item in node.body if not _is_docstring(item)), None)
    starts = isinstance(first, ast.Expr) and isinstance(first.value, ast.Call)
    leaves = starts and dotted(first.value.func) in ("pytest.skip", "self.skipTest")  # type: ignore[union-attr]
    marked = any(_skips(decorator) for decorator in node.decorator_list)
    return TestFunction(name=node.name, line=node.lineno, skipped=bool(skipped or leaves or marked))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_test_case(node: ast.ClassDef) -> bool:
    return any(dotted(base).endswith("TestCase") for base in node.bases)


def _skips(node: ast.expr) -> bool:
    """Say whether a decorator or mark skips whatever happens."""
    function = node.func if isinstance(node, ast.Call) else node
    name = dotted(function)
    if _SKIPS.fullmatch(name):
        return True
    if not isinstance(node, ast.Call) or not node.args or not name.endswith(("mark.skipif", "unittest.skipIf")):
        return False
    return is_always_true(node.args[0])


def _called(node: ast.Call) -> str:
    """Return the last name of what is called; of what has none it cannot be said that it checks nothing."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else "check"
