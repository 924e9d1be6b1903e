"""Tell an agent which skills it has: names and descriptions in the prompt, the rest where it can read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from posttrain_arena.model.places import SKILLS_DIR
from posttrain_arena.model.trial import Turn

INTRODUCTION = (
    "Skills are installed. Where your task matches a skill's description, read the SKILL.md at its location first; "
    "paths in it start at the folder that it lies in."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillCard:
    """All that an agent is told of a skill before it opens it."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillSet:
    """The skills of an entry: their folder here, the digest that it has, and a card for each, sorted by name."""

    folder: Path
    digest: str
    cards: tuple[SkillCard, ...]


def location(name: str) -> str:
    """Return where the agent finds a skill's SKILL.md."""
    return f"{SKILLS_DIR}/{name}/SKILL.md"


def catalogue(cards: Sequence[SkillCard]) -> str:
    """Return what stands in the system prompt; empty where there are no skills, so that the agent hears of none.

    The elements are those that clients of Agent Skills commonly use. What an author wrote is one line and cannot close
    one of them.
    """
    if not cards:
        return ""
    return "\n".join([INTRODUCTION, "<available_skills>", *map(_entry, cards), "</available_skills>"])


def opened_skills(trajectory: Sequence[Turn], cards: Sequence[SkillCard]) -> list[str]:
    """Return the skills that an agent's commands named, in the order of the cards."""
    commands = "\n".join(
        command
        for turn in trajectory
        for call in turn.tool_calls
        if isinstance(command := call.arguments.get("command"), str)
    )
    return [card.name for card in cards if f".agents/skills/{card.name}/" in commands]


def _entry(card: SkillCard) -> str:
    return "\n".join(
        [
            "<skill>",
            f"<name>{_line(card.name)}</name>",
            f"<description>{_line(card.description)}</description>",
            f"<location>{location(_line(card.name))}</location>",
            "</skill>",
        ]
    )


def _line(text: str) -> str:
    return escape(" ".join(text.split()))
