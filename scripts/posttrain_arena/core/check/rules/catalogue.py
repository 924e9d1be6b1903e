"""All rules in order, by family; the page about them is made from this list."""

from __future__ import annotations

from posttrain_arena.core.check.rules import (
    agents,
    document,
    files,
    image,
    image_build,
    image_copy,
    image_packages,
    layout,
    leakage,
    limits,
    metadata,
    network,
    oracle,
    scenes,
    scripts,
    secrets,
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
from posttrain_arena.core.check.rules.trials import TRIAL_RULES

PACKAGE_FAMILIES: dict[str, tuple[Rule, ...]] = {
    "reading": READING_RULES,
    "document": document.RULES,
    "metadata": metadata.RULES,
    "scenes": scenes.RULES,
    "limits": limits.RULES,
    "network": network.RULES,
    "files": files.RULES,
    "layout": (*layout.RULES, *scripts.RULES),
    "image": image.RULES + image_copy.RULES + image_build.RULES + image_packages.RULES,
    "secrets": secrets.RULES,
    "verifier": verifier.RULES + test_script.RULES + test_needs.RULES + test_code.RULES,
    "oracle": oracle.RULES,
    "leakage": leakage.RULES,
}
"""The families that a task package is judged by."""

FAMILIES: dict[str, tuple[Rule, ...]] = {
    **PACKAGE_FAMILIES,
    "trials": TRIAL_RULES,
    "duplicates": DUPLICATE_RULES,
    "entries": ENTRY_RULES,
    "skills": skills.RULES,
    "agents": agents.RULES,
}

RULES: tuple[Rule, ...] = tuple(rule for family in PACKAGE_FAMILIES.values() for rule in family)
SEVERITIES = {rule.id: rule.severity for family in FAMILIES.values() for rule in family}
HIDING = frozenset(rule.id for family in FAMILIES.values() for rule in family if rule.hides)
"""Rules after whose breach other rules keep silent about the file."""
