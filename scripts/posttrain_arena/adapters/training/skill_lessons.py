"""Lessons in reading skills: episodes that nobody lived, from the words of a configuration and a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.core.trial.skills import SkillCard, catalogue, location
from posttrain_arena.core.trial.tools import BASH, SUBMIT, TOOLS
from posttrain_arena.model.places import SKILLS_DIR
from posttrain_arena.model.reference_agent import Lessons
from posttrain_arena.model.trial import ToolCall

WANTED = "Write the {topic} of {file} to out."
COPY = "Copy the text in {file} to out."
PLACEHOLDER = "FILE"
_USE = "Use when a task asks for the {topic}."
_FINDS = "Finds the {topic} of a text."
_SAYS = "Run this, with your file for FILE:"
_GAP = "\0"
_LOOKUPS, _QUESTIONS = 0.5, 12
"""Half of the lessons only look skills up, so many in a row."""

_WITH_SKILL, _COPIES, _FEW = 0.7, 0.5, 4
"""Of whole episodes most have a skill that helps, among a few; the others ask for a copy, or for what no skill does."""


@dataclass(slots=True)
class Episode:
    """Token ids, and of each whether the agent wrote it."""

    ids: list[int] = field(default_factory=list)
    own: list[bool] = field(default_factory=list)

    def add(self, ids: Sequence[int], *, own: bool) -> None:
        """Append a message."""
        self.ids += ids
        self.own += [own] * len(ids)


class LessonBook:
    """Draws episodes; the same seed draws the same ones."""

    def __init__(self, lessons: Lessons, tokens: ChatTokens) -> None:
        self._lessons = lessons
        self._tokens = tokens
        self._random = random.Random(lessons.seed)  # noqa: S311 (lessons, not secrets)

    def draw(self, most_skills: int) -> Episode:
        """Return an episode; where it only looks skills up, at most so many are installed."""
        return self._lookups(most_skills) if self._random.random() < _LOOKUPS else self._whole()

    def _lookups(self, most_skills: int) -> Episode:
        """Ask for one skill after another: a catalogue is long, and one question each would teach little of it."""
        cards, topics = self._installed(self._random.randint(2, most_skills))
        episode = Episode()
        for number, chosen in enumerate(self._random.sample(range(len(cards)), min(len(cards), _QUESTIONS))):
            asked = WANTED.format(topic=topics[chosen], file=self._random.choice(self._lessons.files))
            if number == 0:
                episode.add(self._tokens.prompt(asked, TOOLS, system=catalogue(cards)), own=False)
            else:
                episode.add(self._tokens.user_message(asked), own=False)
            episode.add(self._tokens.assistant("", [_bash(f"cat {location(cards[chosen].name)}")]), own=True)
        return episode

    def _whole(self) -> Episode:
        """Play an episode to its end, with a skill that helps or without."""
        draw = self._random
        cards, topics = self._installed(draw.randint(1, _FEW))
        chosen, file = draw.randrange(len(cards)), draw.choice(self._lessons.files)
        if draw.random() < _WITH_SKILL:
            prompt = WANTED.format(topic=topics[chosen], file=file)
            return self._episode(prompt, cards, self._with_skill(cards[chosen], file))
        others = [topic for topic in self._lessons.topics if topic not in topics]
        prompt = (COPY if draw.random() < _COPIES else WANTED).format(topic=draw.choice(others), file=file)
        return self._episode(prompt, cards if draw.random() < _COPIES else [], self._copy(file))

    def _installed(self, count: int) -> tuple[list[SkillCard], list[str]]:
        """Return skills, and what each is for."""
        topics = self._random.sample(self._lessons.topics, count)
        names = self._random.sample(self._lessons.names, count)
        cards = [
            SkillCard(name=name, description=self._description(topic))
            for name, topic in zip(names, topics, strict=True)
        ]
        return cards, topics

    def _description(self, topic: str) -> str:
        lead = self._random.choice([_FINDS.format(topic=topic), self._filler(4)])
        return f"{lead} {_USE.format(topic=topic)}"

    def _filler(self, most: int) -> str:
        return " ".join(self._random.sample(self._lessons.words, self._random.randint(1, most)))

    def _with_skill(self, card: SkillCard, file: str) -> list[tuple[str, str]]:
        script = f"{SKILLS_DIR}/{card.name}/scripts/{self._random.choice(('run', *self._lessons.words))}.sh"
        command = self._random.choice([f"bash {script}", f"bash {script}", self._filler(5)])
        heading = self._random.choice([card.name, self._filler(3)])
        says = self._random.choice([_SAYS, self._filler(5)])
        page = _page(card, heading=heading, says=says, command=command)
        return [(f"cat {location(card.name)}", page), (f"{command} {file}", "")]

    def _copy(self, file: str) -> list[tuple[str, str]]:
        """Return what is done without a skill: the text as it is, which for a copy is right."""
        text = self._random.choice(self._lessons.words)
        return [(f"cat {file}", text), (f"echo {text} > out", "")]

    def _episode(self, prompt: str, cards: Sequence[SkillCard], steps: Sequence[tuple[str, str]]) -> Episode:
        episode = Episode()
        episode.add(self._tokens.prompt(prompt, TOOLS, system=catalogue(cards)), own=False)
        for command, output in steps:
            episode.add(self._tokens.assistant("", [_bash(command)]), own=True)
            episode.add(self._tokens.tool_results([output]), own=False)
        episode.add(self._tokens.assistant("", [ToolCall(name=SUBMIT, arguments={})]), own=True)
        return episode


def _bash(command: str) -> ToolCall:
    return ToolCall(name=BASH, arguments={"command": command})


def lesson_phrases(lessons: Lessons) -> list[str]:
    """Return the constant pieces of the episodes, which become single tokens, and the words that they are made of."""
    card = SkillCard(name=_GAP, description=f"{_GAP} {_USE.format(topic=_GAP)}")
    page = _page(card, heading=_GAP, says=_GAP, command=_GAP)
    texts = [catalogue([card, card]), page, *(text.format(topic=_GAP, file=_GAP) for text in (WANTED, COPY, _FINDS))]
    pieces = [piece for text in texts for piece in text.split(_GAP) if len(piece) > 1]
    pieces += [f"{SKILLS_DIR}/", "/SKILL.md", "/scripts/", ".sh", "cat ", "echo ", "bash ", " > out", "run", _SAYS]
    return [*pieces, *lessons.names, *lessons.topics, *lessons.words, *lessons.files]


def _page(card: SkillCard, *, heading: str, says: str, command: str) -> str:
    front = f"---\nname: {card.name}\ndescription: {card.description}\n---"
    return f"{front}\n\n# {heading}\n\n{says}\n\n```bash\n{command} {PLACEHOLDER}\n```"
