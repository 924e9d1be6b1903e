"""The page about the rules, made from the rules."""

from __future__ import annotations

from collections.abc import Iterator

from posttrain_arena.core.check.pages.markdown import anchor, prose, table
from posttrain_arena.core.check.rules.catalogue import FAMILIES
from posttrain_arena.core.check.rules.rule import Rule
from posttrain_arena.model.report import Level

FAMILY_ABOUT = {
    "reading": "What keeps a file from being read, or does not have the form that its schema asks for.",
    "document": "How `task.md` is laid out.",
    "metadata": "Who wrote a task, and what it is about.",
    "scenes": "Roles, scenes and the simulated user.",
    "limits": "What a trial may use.",
    "network": "What the agent may reach.",
    "files": "What a package's folder may hold.",
    "layout": "The package's folder and its scripts.",
    "image": "The Dockerfile and what goes into the image.",
    "secrets": "Keys and passwords that are not for everybody.",
    "verifier": "How a trial is scored.",
    "oracle": "The reference solution.",
    "leakage": "What the agent could read instead of working it out.",
    "trials": "What the package's own trials show; the level that runs them in Docker.",
    "duplicates": "One task that is there twice. These look at many packages together.",
    "entries": "A team's manifest, its folders, and the phases of the competition.",
    "skills": "The packages of the track `skills`.",
    "agents": "The package of the track `agents`.",
}

_TOP = """\
# The rules of `arena check`

<!-- Written by `arena docs` from the rules themselves (scripts/posttrain_arena/core/check/rules): do not edit. -->

Every finding names one of these rules. An **error** refuses the package or entry, a **warning** is something that a
person should look at, a **note** is advice. A rule runs at its level and at every deeper one: `schema` reads the
documents, `structural` looks at every file, `publication-grade` runs trials in Docker. What a package is made of stands
in [spec.md](spec.md).
"""

_LEVELS: dict[str, Level] = {"duplicates": "structural", "trials": "publication-grade"}
"""Families whose rules no judge of their own runs, and which are not found while reading."""


def rules_page() -> str:
    """Return docs/rules.md."""
    return "\n".join([_TOP, *_contents(), *_families()])


def level_of(family: str, rule: Rule) -> Level:
    """Return the first level at which a rule runs."""
    return "structural" if rule.deep else _LEVELS.get(family, "schema")


def _title(family: str) -> str:
    return f"Family: {family}"


def _contents() -> Iterator[str]:
    rows = []
    for family, rules in FAMILIES.items():
        links = ", ".join(f"[{rule.id}](#{rule.id})" for rule in rules)
        rows.append([f"[{family}](#{anchor(_title(family))})", links])
    yield table(["Family", "Rules"], rows) + "\n"


def _families() -> Iterator[str]:
    for family, rules in FAMILIES.items():
        yield f"## {_title(family)}\n"
        if family in FAMILY_ABOUT:
            yield f"{FAMILY_ABOUT[family]}\n"
        for rule in rules:
            yield from _rule(family, rule)


def _rule(family: str, rule: Rule) -> Iterator[str]:
    about = rule.about()
    yield f"### {rule.id}\n"
    yield f"*{rule.severity}, from level {level_of(family, rule)}*\n"
    yield f"{prose(about.what)}\n"
    yield f"- **Why:** {prose(about.why)}"
    yield f"- **How to fix it:** {prose(about.how)}"
    yield f"- **Example:** {prose(about.example)}\n"
