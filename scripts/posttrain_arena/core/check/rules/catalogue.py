"""All rules in order, by family; the page about them is made from this list."""

from __future__ import annotations

from posttrain_arena.core.check.rules import (
    agents,
    document,
    image,
    layout,
    leakage,
    limits,
    metadata,
    network,
    oracle,
    scenes,
    skills,
    test_code,
    test_needs,
    test_script,
    verifier,
)
from posttrain_arena.core.check.rules.duplicates import DUPLICATE_RULES
from posttrain_arena.core.check.rules.entries import ENTRY_RULES
from posttrain_arena.core.check.rules.reading import READING_RULES
from posttrain_arena.core.check.rules.rule import Rule

PACKAGE_FAMILIES: dict[str, tuple[Rule, ...]] = {
    "reading": READING_RULES,
    "document": document.RULES,
    "metadata": metadata.RULES,
    "scenes": scenes.RULES,
    "limits": limits.RULES,
    "network": network.RULES,
    "layout": layout.RULES,
    "image": image.RULES,
    "verifier": verifier.RULES + test_script.RULES + test_needs.RULES + test_code.RULES,
    "oracle": oracle.RULES,
    "leakage": leakage.RULES,
}
"""The families that a task package is judged by."""

FAMILIES: dict[str, tuple[Rule, ...]] = {
    **PACKAGE_FAMILIES,
    "duplicates": DUPLICATE_RULES,
    "entries": ENTRY_RULES,
    "skills": skills.RULES,
    "agents": agents.RULES,
}

RULES: tuple[Rule, ...] = tuple(rule for family in PACKAGE_FAMILIES.values() for rule in family)
SEVERITIES = {rule.id: rule.severity for family in FAMILIES.values() for rule in family}
