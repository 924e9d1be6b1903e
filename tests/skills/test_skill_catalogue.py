"""What an agent is told of skills, and what an entry's folder gives."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import InMemorySandbox
from hypothesis import given
from hypothesis import strategies as st
from trial_packages import write_package

from posttrain_arena.cli.skill_sets import read_agent, skill_set
from posttrain_arena.core.trial.chat import Chat
from posttrain_arena.core.trial.conversation import Opening, Reply
from posttrain_arena.core.trial.skills import SkillCard, catalogue, location, opened_skills
from posttrain_arena.errors import DocumentError, UsageError
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.tree import tree_digest
from posttrain_arena.model.trial import ToolCall, Turn

EXAMPLE = REPOSITORY_ROOT / "starting-kit" / "example-skills"
CARD = SkillCard(name="read-logs", description="Finds break-ins. Use when a task asks who logged in.")


class Heard:
    """A model that says nothing and keeps how each conversation began."""

    def __init__(self) -> None:
        self.openings: list[Opening] = []

    def start(self, opening: Opening, tools: Sequence[dict[str, Any]], *, seed: int) -> Heard:
        self.openings.append(opening)
        return self

    def reply(self, *, max_tokens: int | None, timeout_sec: float) -> Reply:
        return Reply(content="done", completion_tokens=1, finish_reason="stop")


def opening(folder: Path, *cards: SkillCard) -> Opening:
    task, model = write_package(folder, "copy-note"), Heard()
    Chat(model=model, max_turns=2, skills=cards).act(task, InMemorySandbox(task), seed=0)
    return model.openings[0]


def test_the_system_prompt_has_name_description_and_place_of_each_skill(tmp_path: Path) -> None:
    told = opening(tmp_path, CARD)
    assert told.prompt == "Copy the word in note to out."
    for text in (CARD.name, CARD.description, "/root/.agents/skills/read-logs/SKILL.md"):
        assert text in told.system


def test_without_skills_the_agent_hears_no_word_of_them(tmp_path: Path) -> None:
    assert opening(tmp_path).system == ""


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_author_writes_outside_of_their_own_element(name: str, description: str) -> None:
    text = catalogue([SkillCard(name=name, description=description), CARD])
    assert text.count("<skill>") == text.count("</skill>") == 2
    assert text.count("<available_skills>") == text.count("</available_skills>") == 1
    lines = [line for line in text.split("\n") if line.startswith("<description>")]
    assert len(lines) == 2
    assert all(line.endswith("</description>") and line.count("<") == 2 for line in lines)


def test_what_was_opened_is_seen_in_the_commands() -> None:
    call = ToolCall(name="bash", arguments={"command": f"cat {location('read-logs')}"})
    odd = ToolCall(name="bash", arguments={"command": 7})
    turns = [Turn(role="assistant", content="", tool_calls=(call, odd))]
    other = SkillCard(name="read", description="x")
    assert opened_skills(turns, [other, CARD]) == ["read-logs"]
    assert opened_skills(turns[:0], [CARD]) == []


def test_the_example_entry_has_twenty_skills() -> None:
    found = skill_set(EXAMPLE, tree_digest(EXAMPLE))
    assert len(found.cards) == 20
    assert [card.name for card in found.cards] == sorted(card.name for card in found.cards)


def test_a_folder_without_skills_and_a_broken_skill_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no skills there"):
        skill_set(tmp_path, "")
    shutil.copytree(EXAMPLE / "skills" / "initials", tmp_path / "skills" / "other-name")
    with pytest.raises(UsageError, match="agents find it by its folder's"):
        skill_set(tmp_path, "")
    (tmp_path / "skills" / "other-name" / "SKILL.md").write_text("no front matter\n")
    with pytest.raises(UsageError, match="other-name: "):
        skill_set(tmp_path, "")


def test_an_agent_that_is_none_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    text = (REPOSITORY_ROOT / "sky" / "agents" / "tiny.yaml").read_text(encoding="utf-8")
    for old, new, why in (
        ("isolation: fresh", "isolation: warm", "evaluation/isolation"),
        ("version: bash-skills-1", "version: other", "harness/version"),
        ("devices: null", "devices: [0]", "server/devices"),
        ("  taught:", "  hub: null\n  taught_by:", "model"),
    ):
        assert old in text
        (tmp_path / "agent.yaml").write_text(text.replace(old, new))
        with pytest.raises(DocumentError, match=why):
            read_agent(tmp_path / "agent.yaml")
    with pytest.raises(DocumentError, match="cannot be read"):
        read_agent(tmp_path / "missing.yaml")
