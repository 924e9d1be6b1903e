"""Keep the turns of a trial as they happen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from posttrain_arena.core.trial.agents import observation
from posttrain_arena.core.trial.conversation import Conversation, Opening, Reply
from posttrain_arena.core.trial.sandbox import CommandResult
from posttrain_arena.core.trial.simulated_user import Answer
from posttrain_arena.model.trial import Turn


@dataclass(slots=True)
class Trajectory:
    """The turns of all conversations of one trial, in the order in which they happened."""

    turns: list[Turn] = field(default_factory=list)
    contexts: int = 0
    model_sec: float = 0.0

    def new_context(self) -> int:
        """Return the number of a token sequence that begins now."""
        self.contexts += 1
        return self.contexts - 1


class Talk:
    """One conversation with the model, each turn of which is written into the trajectory.

    ``scene`` and ``participant`` name it in the record. A tool call that nothing answered yet is answered when the
    model hears the next message: servers refuse a conversation with open calls.
    """

    def __init__(
        self, conversation: Conversation, opening: Opening, trajectory: Trajectory, *, scene: str, participant: str
    ) -> None:
        self._conversation = conversation
        self._trajectory = trajectory
        self._blank = Turn(
            role="user", content="", scene=scene, participant=participant, context=trajectory.new_context()
        )
        self._open_calls = 0
        if opening.system:
            self._keep(role="system", content=opening.system)
        self._keep(role="user", content=opening.prompt)

    def hear(self, text: str, answer: Answer | None = None) -> None:
        """Say ``text`` to the model: the next prompt, or where it is given the answer of a simulated user."""
        if self._open_calls:
            self._observe([CommandResult(output="The work was handed in.", exit_code=0)] * self._open_calls, limit=80)
        self._conversation.hear(text)
        self._keep(
            role="user",
            content=text,
            duration_sec=answer.duration_sec if answer else 0.0,
            prompt_tokens=answer.prompt_tokens if answer else None,
            completion_tokens=answer.completion_tokens if answer else None,
        )

    def observe(self, results: Sequence[CommandResult], *, limit: int) -> None:
        """Show the model what its tool calls gave, each cut to ``limit`` characters."""
        self._observe(results, limit)

    def reply(self, *, max_tokens: int | None, timeout_sec: float) -> Reply | None:
        """Let the model write; None where its context has no room. Raises ModelServerError."""
        began = time.monotonic()
        try:
            reply = self._conversation.reply(max_tokens=max_tokens, timeout_sec=timeout_sec)
        finally:
            spent = time.monotonic() - began
            self._trajectory.model_sec += spent
        if reply is None:
            return None
        self._keep_prompt(reply)
        self._keep(
            role="assistant",
            content=reply.content,
            tool_calls=reply.tool_calls,
            token_ids=reply.token_ids,
            logprobs=reply.logprobs,
            finish_reason=reply.finish_reason,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            duration_sec=spent,
        )
        self._open_calls = len(reply.tool_calls)
        return reply

    def _observe(self, results: Sequence[CommandResult], limit: int) -> None:
        outputs = [observation(result, limit) for result in results]
        self._conversation.observe(outputs)
        self._open_calls = 0
        for result, output in zip(results, outputs, strict=True):
            self._keep(
                role="tool",
                content=output,
                exit_code=result.exit_code,
                duration_sec=result.duration_sec,
                cut_chars=max(0, len(result.output.rstrip("\n")) - limit),
            )

    def _keep_prompt(self, reply: Reply) -> None:
        """Put the ids that entered the model to the turn before, or begin a new context with them."""
        if reply.restarted:
            self._blank = replace(self._blank, context=self._trajectory.new_context())
            what = f"{reply.cut_chars} characters of old tool output cut" if reply.cut_chars else "written anew"
            self._keep(role="context", content=what, token_ids=reply.fed, cut_chars=reply.cut_chars)
        elif reply.fed is not None:
            self._trajectory.turns[-1] = replace(self._trajectory.turns[-1], token_ids=reply.fed)

    def _keep(self, **fields: object) -> None:
        self._trajectory.turns.append(replace(self._blank, **fields))  # type: ignore[arg-type]
