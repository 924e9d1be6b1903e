"""What the ``chat`` agent asks of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from posttrain_arena.model.trial import ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a conversation begins; ``system`` is empty where nothing is said before the prompt."""

    prompt: str
    system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One sampled message; what the server did not tell is None.

    ``fed`` are the ids that entered the model since its last message. Where ``restarted`` they are the whole prompt,
    because it does not continue the one before: ``cut_chars`` of old tool output were cut, or the server's template
    wrote earlier messages in another way.
    """

    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    token_ids: tuple[int, ...] | None = None
    logprobs: tuple[float, ...] | None = None
    finish_reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    fed: tuple[int, ...] | None = None
    restarted: bool = False
    cut_chars: int = 0

    @property
    def sampled_tokens(self) -> int:
        """Return the tokens of this message, or a bound where the server does not tell: one for each byte."""
        if self.completion_tokens is not None:
            return self.completion_tokens
        if self.token_ids is not None:
            return len(self.token_ids)
        return text_bound(self.content, *(f"{call.name}{call.arguments}{call.malformed}" for call in self.tool_calls))


class Conversation(Protocol):
    """One running exchange with a model."""

    def hear(self, text: str) -> None:
        """Add a message of the user."""
        ...

    def observe(self, outputs: Sequence[str]) -> None:
        """Add the results of the last message's tool calls, in their order."""
        ...

    def reply(self, *, max_tokens: int | None, timeout_sec: float) -> Reply | None:
        """Sample the next message; None where the context has no room for one.

        Cuts the oldest tool outputs where that makes room. Raises ModelServerError where the server fails.
        """
        ...


class ChatModel(Protocol):
    """A model behind an endpoint."""

    def start(self, opening: Opening, tools: Sequence[dict[str, Any]], *, seed: int) -> Conversation:
        """Begin a conversation whose sampling follows ``seed``."""
        ...


def text_bound(*texts: str) -> int:
    """Return a number of tokens that no byte-level tokenizer exceeds for these texts: one for each byte of UTF-8."""
    return sum(len(text.encode("utf-8", errors="surrogatepass")) for text in texts)
