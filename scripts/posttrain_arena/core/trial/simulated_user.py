"""A simulated user: a model that answers the agent as the person whom the task describes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from posttrain_arena.core.trial.conversation import ChatModel, Conversation, Opening
from posttrain_arena.errors import ModelServerError
from posttrain_arena.model.seeds import derive_seed
from posttrain_arena.model.task import SimulatedUser, TaskPackage

DONE = "###DONE###"
MAX_CHARS = 8000
"""Longest message that either side hears of the other: what a person would read."""

_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)

_PART = """\
You play a person whom an assistant helps. Write what this person would say next, in plain words, in a few sentences
at most, and nothing else. Never step out of the part, never do the assistant's work, and do not invent facts. You see
what the assistant says to you and nothing of what it does.

Who you are:
{persona}

What you asked the assistant for:
{prompt}
{facts}
As soon as this holds: "{satisfied_when}", or when you have nothing more to say, write {done} and nothing else."""

_FACTS = """
What only you know. Tell a thing when the assistant asks for it, never before:
{facts}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the user said, with what it cost; tokens are None where the server does not tell."""

    text: str
    duration_sec: float
    prompt_tokens: int | None
    completion_tokens: int | None


class UserInPlay:
    """The user of one trial: sees what was asked for and what the agent says to it, and nothing else."""

    def __init__(self, model: ChatModel, task: TaskPackage, user: SimulatedUser, *, seed: int) -> None:
        self._model = model
        self._part = part_of(user, task.prompt)
        self._seed = derive_seed(seed, "user")
        self._rounds_left = user.max_rounds
        self._conversation: Conversation | None = None

    def answer(self, said: str, *, timeout_sec: float) -> Answer | None:
        """Answer what the agent said; None where the user has no more rounds or nothing more to say.

        Raises ModelServerError, with a reason that starts with ``user-``, where the user's server fails.
        """
        heard = spoken(said)
        if self._rounds_left == 0 or not heard:
            return None
        self._rounds_left -= 1
        began = time.monotonic()
        try:
            reply = self._hear(heard).reply(max_tokens=None, timeout_sec=timeout_sec)
        except ModelServerError as error:
            reason = error.reason.replace("model-", "user-", 1)
            raise ModelServerError(f"the simulated user's {error}", reason=reason, owner=error.owner) from error
        text = spoken(reply.content) if reply is not None else ""
        if reply is None or not text or DONE in text:
            return None
        return Answer(
            text=text,
            duration_sec=time.monotonic() - began,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
        )

    def _hear(self, said: str) -> Conversation:
        if self._conversation is None:
            opening = Opening(system=self._part, prompt=said)
            self._conversation = self._model.start(opening, (), seed=self._seed)
        else:
            self._conversation.hear(said)
        return self._conversation


def part_of(user: SimulatedUser, prompt: str) -> str:
    """Return what the model that plays the user is told before the conversation."""
    facts = "\n".join(f"- {name}: {value}" for name, value in user.private_facts)
    return _PART.format(
        persona=user.persona or "A person with no special traits.",
        prompt=prompt,
        facts=_FACTS.format(facts=facts) if facts else "",
        satisfied_when=user.satisfied_when,
        done=DONE,
    )


def spoken(text: str) -> str:
    """Return what is said aloud: without the thoughts that some models write, at most MAX_CHARS."""
    return _THOUGHT.sub("", text).strip()[:MAX_CHARS]
