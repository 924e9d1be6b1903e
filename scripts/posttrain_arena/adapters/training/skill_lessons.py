"""Lessons in reading skills: episodes that nobody lived, from the words of a configuration and a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase

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
_SCRIPT = "run"
_GAP = "\0"

_WITH_SKILL, _COPIES = 0.7, 0.5
"""Most episodes have a skill that helps; of the others half ask for a copy, half for what no skill is there for."""

Step = tuple[str, str]
"""A command, and what it prints."""


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
    """Draws episodes; the same seed draws the same ones.

    What an episode teaches: where the catalogue has a skill of the topic's name, open it and run the script that it
    names; else do what can be done without. What any script does is in no lesson.
    """

    def __init__(self, lessons: Lessons, tokens: ChatTokens) -> None:
        self._lessons = lessons
        self._tokens = tokens
        self._random = random.Random(lessons.seed)  # noqa: S311 (lessons, not secrets)

    def draw(self) -> Episode:
        """Return an episode."""
        draw = self._random
        topics = draw.sample(self._lessons.topics, draw.randint(1, self._lessons.most_skills))
        cards = [SkillCard(name=skill_name(topic), description=self._description(topic)) for topic in topics]
        chosen, file = draw.randrange(len(cards)), draw.choice(self._lessons.files)
        if draw.random() < _WITH_SKILL:
            prompt = WANTED.format(topic=topics[chosen], file=file)
            return self._episode(prompt, cards, self._with_skill(cards[chosen], file))
        other = draw.choice([topic for topic in self._lessons.topics if topic not in topics])
        prompt = (COPY if draw.random() < _COPIES else WANTED).format(topic=other, file=file)
        return self._episode(prompt, cards if draw.random() < _COPIES else [], self._without_skill(file))

    def _description(self, topic: str) -> str:
        lead = self._random.choice([_FINDS.format(topic=topic), self._filler(4)])
        return f"{lead} {_USE.format(topic=topic)}"

    def _filler(self, most: int) -> str:
        return " ".join(self._random.sample(self._lessons.words, self._random.randint(1, most)))

    def _prose(self) -> str:
        """Return what looks like prose to a model that reads letters: most pages have more than its words."""
        lengths = [self._random.randint(1, 8) for _ in range(self._random.randint(2, 20))]
        words = ["".join(self._random.choices(ascii_lowercase, k=length)) for length in lengths]
        return " ".join(words).capitalize() + self._random.choice([".", ", `out`.", ": 42.", ""])

    def _with_skill(self, card: SkillCard, file: str) -> list[Step]:
        choice = self._random.choice
        script = f"scripts/{choice((_SCRIPT, choice(self._lessons.words)))}.sh"
        heading, says = choice([card.name, self._filler(3)]), choice([_SAYS, _SAYS, self._filler(5), self._prose()])
        page = _page(card, heading=heading, says=says, script=script)
        page += choice(["", f"\n\n{self._prose()}", f"\n\n{self._prose()}"])
        return [(f"cat {location(card.name)}", page), (f"bash {SKILLS_DIR}/{card.name}/{script} {file}", "")]

    def _without_skill(self, file: str) -> list[Step]:
        """Return what is done without a skill: the text as it is, which for a copy is right."""
        text = self._random.choice(self._lessons.words)
        return [(f"cat {file}", text), (f"echo {text} > out", "")]

    def _episode(self, prompt: str, cards: Sequence[SkillCard], steps: Sequence[Step]) -> Episode:
        episode = Episode()
        episode.add(self._tokens.prompt(prompt, TOOLS, system=catalogue(cards)), own=False)
        for command, output in steps:
            call = ToolCall(name=BASH, arguments={"command": command})
            episode.add(self._tokens.assistant("", [call]), own=True)
            episode.add(self._tokens.tool_results([output]), own=False)
        episode.add(self._tokens.assistant("", [ToolCall(name=SUBMIT, arguments={})]), own=True)
        return episode


def skill_name(topic: str) -> str:
    """Return the name by which the agent looks for a topic's skill: its words with hyphens."""
    return topic.replace(" ", "-")


def lesson_phrases(lessons: Lessons) -> list[str]:
    """Return the constant pieces of the episodes, which become single tokens, and the words that they are made of."""
    card = SkillCard(name=_GAP, description=f"{_GAP} {_USE.format(topic=_GAP)}")
    page = _page(card, heading=_GAP, says=_GAP, script=f"scripts/{_GAP}.sh")
    texts = [catalogue([card, card]), page, *(text.format(topic=_GAP, file=_GAP) for text in (WANTED, COPY, _FINDS))]
    pieces = [piece for text in texts for piece in text.split(_GAP) if len(piece) > 1]
    pieces += [f"cat {SKILLS_DIR}/", "/SKILL.md", f"bash {SKILLS_DIR}/", "/scripts/", ".sh ", "cat ", "echo ", " > out"]
    names = [skill_name(topic) for topic in lessons.topics]
    return [*pieces, _SCRIPT, _SAYS, *names, *lessons.topics, *lessons.words, *lessons.files]


def _page(card: SkillCard, *, heading: str, says: str, script: str) -> str:
    front = f"---\nname: {card.name}\ndescription: {card.description}\n---"
    return f"{front}\n\n# {heading}\n\n{says}\n\n```bash\nbash {script} {PLACEHOLDER}\n```"
