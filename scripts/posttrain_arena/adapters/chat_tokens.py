"""Qwen3's chat format as token ids, built up message by message so that nothing is ever tokenised twice."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from posttrain_arena.model.trial import ToolCall

_END = "<|im_end|>"
_GENERATION = "\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
_CALL = re.compile(r"<tool_call>\n?(.*?)\n?</tool_call>", re.DOTALL)


class ChatTokens:
    """Renders and reads messages for one tokenizer, in Qwen3's non-thinking mode.

    The ids of a conversation are ``prompt`` + (``assistant`` or sampled ids) + ``tool_results`` + …: every part is
    tokenised alone and only appended, so what a policy is trained on is exactly what it saw and sampled.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = sorted(str(token) for token in tokenizer.added_tokens_decoder.values() if token.special)

    @classmethod
    def load(cls, folder: Path) -> ChatTokens:
        """Load the tokenizer of a Hugging Face model folder."""
        from transformers import AutoTokenizer

        return cls(AutoTokenizer.from_pretrained(folder))

    @property
    def end_id(self) -> int:
        """The token that ends every message."""
        token: int = self._tokenizer.convert_tokens_to_ids(_END)
        return token

    def prompt(self, text: str, tools: Sequence[dict[str, Any]], *, system: str = "") -> list[int]:
        """Return the ids of tools, system message if there is one, and user message, up to where the model begins."""
        messages = [{"role": "system", "content": self._plain(system)}] if system else []
        rendered: str = self._tokenizer.apply_chat_template(
            [*messages, {"role": "user", "content": self._plain(text)}],
            tools=list(tools),
            add_generation_prompt=True,
            enable_thinking=False,
            tokenize=False,
        )
        return self._encode(rendered)

    def assistant(self, content: str, calls: Sequence[ToolCall]) -> list[int]:
        """Return the ids a model samples for this message, its end token included."""
        parts = [self._plain(content)] if content else []
        parts += [f"<tool_call>\n{_call_json(call)}\n</tool_call>" for call in calls]
        return self._encode("\n".join(parts) + _END)

    def tool_results(self, contents: Sequence[str]) -> list[int]:
        """Return the ids that follow an assistant's end token: the results, up to where the model goes on."""
        responses = "".join(f"\n<tool_response>\n{self._plain(content)}\n</tool_response>" for content in contents)
        return self._encode(f"\n<|im_start|>user{responses}{_END}{_GENERATION}")

    def user_message(self, text: str) -> list[int]:
        """Return the ids of a later message of the user, up to where the model goes on."""
        return self._encode(f"\n<|im_start|>user\n{self._plain(text)}{_END}{_GENERATION}")

    def parse(self, ids: Sequence[int]) -> tuple[str, tuple[ToolCall, ...]]:
        """Return the text and the well-formed tool calls of sampled ids; a malformed call stays text."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=False)
        text = text.removesuffix(_END)
        calls = tuple(call for match in _CALL.finditer(text) if (call := _parse_call(match.group(1))) is not None)
        return text, calls

    def _plain(self, text: str) -> str:
        """Keep what a task or a tool wrote from being read as the tokens that end and begin messages."""
        for token in self._special:
            text = text.replace(token, f"{token[0]}\u200b{token[1:]}")
        return text

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids


def _call_json(call: ToolCall) -> str:
    # Qwen3's template writes the name first and the arguments with `tojson`, not in sorted order.
    return f'{{"name": "{call.name}", "arguments": {json.dumps(call.arguments, ensure_ascii=False)}}}'


def _parse_call(text: str) -> ToolCall | None:
    try:
        doc = json.loads(text)
        arguments = doc["arguments"]
        if isinstance(arguments, str):  # some models write the arguments as a JSON string
            arguments = json.loads(arguments)
        name = doc["name"]
        # NaN, infinities and lone surrogates pass json.loads, but no record of the trial could hold them.
        json.dumps([name, arguments], allow_nan=False, ensure_ascii=False).encode("utf-8")
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return None
    return ToolCall(name=name, arguments=arguments)
