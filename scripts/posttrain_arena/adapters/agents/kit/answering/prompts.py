"""Render prompts with a chat template that may be a stranger's, and tell which tokens end an answer."""

from __future__ import annotations

import json
import os
import resource
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TEMPLATE_SEC = 120
TEMPLATE_BYTES = 1 << 30
MAX_PROMPT_CHARS = 1 << 20
_MARK = "the-answer-of-this-turn"


def load_tokenizer(base: Path, model: Path) -> Any:
    """Return the base's tokenizer, with the chat template that the model brings, if it does."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    own = model / "chat_template.jinja"
    if own.is_file():
        tokenizer.chat_template = own.read_text("utf-8")
    return tokenizer


def rendered(tokenizer: Any, prompts: Sequence[str]) -> tuple[list[str | None], str]:
    """Return prompts up to where the model begins, None where the template fails, and what follows an answer.

    A template can be a stranger's: it is rendered in a process of its own with limits, and whatever it raises is its
    own fault. If it ends that process, every prompt failed.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                _limit()
                said = [_turns(tokenizer, [{"role": "user", "content": text}], asks=True) for text in prompts]
                turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _MARK}]
                turn = (_turns(tokenizer, turns, asks=False) or "").rpartition(_MARK)
                json.dump([said, turn[2] if turn[1] else ""], file)
                file.flush()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        file.seek(0)
        found: tuple[list[str | None], str] = ([None] * len(prompts), "")
        if status == 0:
            texts, ending = json.load(file)
            found = texts, ending
    return found


def _limit() -> None:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + TEMPLATE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (TEMPLATE_SEC, TEMPLATE_SEC))


def _turns(tokenizer: Any, messages: list[dict[str, str]], *, asks: bool) -> str | None:
    try:
        text: str = tokenizer.apply_chat_template(
            messages, add_generation_prompt=asks, enable_thinking=False, tokenize=False
        )
        text.encode()  # no tokenizer takes half of a surrogate pair
    except Exception:  # noqa: BLE001 (a stranger's template)
        return None
    return text if len(text) <= MAX_PROMPT_CHARS else None


def stops_of(base: Path, tokenizer: Any, ending: str) -> frozenset[int]:
    """Return the tokens that end an answer: the base's own, and a special one with which the template ends a turn."""
    found = {tokenizer.eos_token_id}
    for name in ("config.json", "generation_config.json"):
        if (base / name).is_file():
            ids = json.loads((base / name).read_text("utf-8")).get("eos_token_id")
            found.update(ids if isinstance(ids, list) else [ids])
    first = tokenizer(ending.lstrip(), add_special_tokens=False)["input_ids"][:1]
    found.update(token for token in first if token in tokenizer.all_special_ids or _is_special(tokenizer, token))
    return frozenset(found - {None})


def _is_special(tokenizer: Any, token: int) -> bool:
    added = tokenizer.added_tokens_decoder.get(token)
    return added is not None and bool(added.special)
