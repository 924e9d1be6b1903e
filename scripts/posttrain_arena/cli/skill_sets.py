"""Read what an evaluation of the track skills is made of: an entry's skills, and the agent that has them."""

from __future__ import annotations

from pathlib import Path

from posttrain_arena.core.check.entries.skill import read_skill
from posttrain_arena.core.trial.skills import SkillCard, SkillSet
from posttrain_arena.errors import DocumentError, UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.reference_agent import ReferenceAgent


def skill_set(entry: Path, digest: str) -> SkillSet:
    """Return the skills of the entry in a folder; raises UsageError where it has none, or one that cannot be read."""
    folder = entry / "skills"
    paths = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not paths:
        raise UsageError(f"{entry}: no skills there: a folder of the track skills has skills/<name>/SKILL.md")
    return SkillSet(folder=folder, digest=digest, cards=tuple(_card(path) for path in paths))


def read_agent(path: Path) -> ReferenceAgent:
    """Return the reference agent of a file; raises DocumentError where it is none, or its server's settings clash."""
    try:
        doc = documents.parse_text(path.read_text(encoding="utf-8"), where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path}: cannot be read: {error}") from error
    return documents.from_document(ReferenceAgent, doc, where=str(path))


def _card(path: Path) -> SkillCard:
    part = read_skill(path)
    for problem in part.problems:
        raise UsageError(f"{path}: {problem.spot.what}: {problem.spot.how}")
    if part.value is None:
        raise UsageError(f"{path}: its SKILL.md has no front matter: run arena check on the entry")
    if part.value.name != path.name:
        raise UsageError(f"{path}: its name is {part.value.name!r}, and agents find it by its folder's: make them one")
    return SkillCard(name=part.value.name, description=part.value.description)
