"""Everything that trials can say to an author is a rule with a text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from posttrain_arena.core.check.rules.trials import TRIAL_RULES
from posttrain_arena.model.documents import REPOSITORY_ROOT

PACKAGE = REPOSITORY_ROOT / "scripts" / "posttrain_arena"
SOURCES = [*(PACKAGE / "core" / "trial").glob("*.py"), *(PACKAGE / "adapters" / "docker_engine").glob("*.py")]


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def _said(call: ast.Call) -> Iterator[str]:
    """Yield the rule that a call makes a finding of, or that of the author's failure that it makes."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    named = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
    if name == "_finding":
        yield from (text for text in texts[:1] if isinstance(text, str))
    if name == "_failure":
        yield f"trial-{texts[0]}"
    if name == "Failure" and named.get("owner") == "author" and "reason" in named:
        yield f"trial-{named['reason']}"


def test_every_finding_of_a_trial_has_a_rule_and_every_rule_a_trial() -> None:
    said = {rule for path in SOURCES for call in _calls(path) for rule in _said(call)}
    assert said == {rule.id for rule in TRIAL_RULES}
