"""Rules about the Python that scores a trial."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from posttrain_arena.core.check.artefacts import is_pytest
from posttrain_arena.core.check.draft import TEST, Draft
from posttrain_arena.core.check.pytest_file import (
    all_may_be_skipped,
    checks_anything,
    may_have_other_tests,
    module_is_skipped,
    tests_in,
    void_assertions,
)
from posttrain_arena.core.check.python_code import python_fault, python_files, read_python
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.shell.values import resolved
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.core.check.verifier_walk import scripts_of
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

_PLAIN_ASSERT = re.compile(r"^[ \t]+assert[ \t]+(?!True\b|not False\b|[1-9]|\(|[\"'])\S", re.MULTILINE)
_TEST = re.compile(r"^(?:async )?def test", re.MULTILINE)
_SWALLOWS = re.compile(r"except(?: \(?(?:Base)?Exception| AssertionError|:)")
_ODD_ASSERT = re.compile(r"^[ \t]+assert\b[ \t]*(not False\b|\(|.*\bor True\b)", re.MULTILINE)
_ODD_SIGNS = ("not False", "assert(", "assert (", "assert\t", "assert  ", "or True")
_COUNTS = re.compile(r"skipped|passed|junit|collected|reports?\b")


def python_syntax(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The Python of verifier/ and oracle/ is Python that can be read.

    Why: pytest stops at such a file, and every attempt fails. How: mend the line. Example:
    `python3 -m py_compile verifier/test_outputs.py`.
    """
    for name in python_files(draft, "verifier/", "oracle/"):
        fault = python_fault(draft.lenient(name))
        if fault is not None:
            what = f"Python cannot read this: {shown(fault[1], 120)}"
            yield Spot(path=name, line=fault[0], what=what, how="mend it; python3 -m py_compile shows the same")


def tests_check_nothing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The tests that test.sh runs check something.

    Why: pytest ends with success where nothing fails, and success pays 1.0. How: write test functions that assert what
    a right result looks like. Example: `assert answer == expected`.
    """
    yield from _nothing_to_run(draft)
    for name in scripts_of(draft).tests:
        text = draft.lenient(name)
        if _TEST.search(text) and _PLAIN_ASSERT.search(text) and not _SWALLOWS.search(text):
            continue
        tree = read_python(text).tree
        if tree is None:
            continue
        if not tests_in(tree) and not may_have_other_tests(tree):
            how = "write functions whose names start with test_ and that assert the result"
            yield Spot(path=name, what="pytest finds no test in this file", how=how)
        elif not checks_anything(tree):
            line = next((test.line for test in tests_in(tree)), None)
            what = "no test of this file can fail"
            yield Spot(path=name, line=line, what=what, how="assert what a right result looks like")


def _nothing_to_run(draft: Draft) -> Iterator[Spot]:
    scripts = scripts_of(draft)
    for call in scripts.test.calls:
        if not is_pytest(call) or scripts.test_world.tests_of(call):
            continue
        told = [resolved(word, call.folder) for word in call.words() if not word.startswith("-")]
        if told == ["/verifier"] or (not call.arguments and call.folder == "/verifier"):
            what = "pytest finds no file of tests in verifier/"
            yield Spot(path=call.script, line=call.line, what=what, how="add verifier/test_outputs.py with tests")


def tests_all_skipped(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Not all tests are skipped.

    Why: pytest ends with success where everything was skipped, and success pays 1.0. How: remove the skip; a check
    that cannot be made has failed. Example: `assert path.exists()` in place of `pytest.skip("no file")`.
    """
    for name, tree in _with_skips(draft):
        tests = tests_in(tree)
        line = module_is_skipped(tree)
        if line is None and tests and all(test.skipped for test in tests) and not may_have_other_tests(tree):
            line = tests[0].line
        if line is not None:
            yield Spot(path=name, line=line, what="every test of this file is skipped", how="remove the skip")


def skip_pays(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """An attempt by which every test is skipped does not pay.

    Why: pytest ends with success where all tests were skipped or expected to fail, so an attempt that makes the checks
    impossible passes them. How: fail in place of skipping, or have test.sh count the passes. Example: test.sh of the
    template, which pays where passed equals tests.
    """
    if _COUNTS.search(_without_comments(draft.text(TEST))):
        return
    for name, tree in _with_skips(draft):
        if module_is_skipped(tree) is None and not all(test.skipped for test in tests_in(tree)):
            line = all_may_be_skipped(tree)
            if line is not None:
                what = "every test can be skipped, and test.sh then pays: it looks at the exit code alone"
                yield Spot(path=name, line=line, what=what, how="assert in place of skipping, or count the passes")


def assert_always_true(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """An assertion can fail.

    Why: `assert (answer, "wrong")` asserts a pair, which is always true. How: leave the brackets out, or compare
    two things. Example: `assert answer == 3, "wrong"`.
    """
    for name in scripts_of(draft).tests:
        text = draft.lenient(name)
        odd = any(sign in text for sign in _ODD_SIGNS) and _ODD_ASSERT.search(text)
        tree = read_python(text).tree if odd else None
        if tree is not None and checks_anything(tree):
            for line in void_assertions(tree):
                what = "this assertion is always true"
                yield Spot(path=name, line=line, what=what, how="compare with what is expected, without brackets")


def _with_skips(draft: Draft) -> Iterator[tuple[str, ast.Module]]:
    for name in scripts_of(draft).tests:
        text = draft.lenient(name)
        tree = read_python(text).tree if "skip" in text or "xfail" in text else None
        if tree is not None:
            yield name, tree


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))


RULES: tuple[Rule, ...] = (
    judged("python-syntax", "error", python_syntax, deep=True, hides=True),
    judged("tests-check-nothing", "error", tests_check_nothing, deep=True),
    judged("tests-all-skipped", "error", tests_all_skipped, deep=True),
    judged("skip-pays", "warning", skip_pays, deep=True),
    judged("assert-always-true", "warning", assert_always_true, deep=True),
)
