"""Keep scorers from paying for nothing: every score of every benchmark goes through here.

Scorers in this field gave 1.0 to any text, to ``nan`` and to the question itself, and died of odd answers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from posttrain_arena.model.benchmark import Item

MAX_ANSWER_CHARS = 20_000
"""More is no answer; scorers take seconds for it."""

NOTHING = frozenset(
    {"", "nan", "none", "null", "inf", "-inf", "+inf", "infinity", "-infinity", "undefined", "[]", "{}"}
)
"""Answers that say nothing. An item whose right answer is one of them can be answered all the same."""

_THOUGHT = re.compile(r"^.*</think>", re.DOTALL)

Scorer = Callable[[str, Item], object]


def spoken(completion: str) -> str:
    """Return what a model said after it thought, without empty lines around it; code begins with its indentation."""
    return _THOUGHT.sub("", completion, count=1).strip("\r\n").rstrip()


def guarded(scorer: Scorer, completion: str, item: Item) -> float:
    """Return a scorer's verdict in [0, 1]; whatever is no plain verdict on a plain answer is 0.0."""
    answer = spoken(completion)
    if not is_answer(answer, item):
        return 0.0
    try:
        score = scorer(answer, item)
    except Exception:  # noqa: BLE001 (a stranger's scorer, fed a stranger's answer: any error is *not right*)
        return 0.0
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not math.isfinite(score):
        return 0.0
    return float(score) if 0.0 <= score <= 1.0 else 0.0


def decoys(item: Item) -> tuple[str, ...]:
    """Return answers that no scorer may pay for: nothing, not-a-number, garbage, and the question itself."""
    return ("", " \n", "nan", "NaN", "inf", "None", "[]", "{}", "qwertz uiop", "\x00", "9" * 400, item.prompt)


def is_answer(answer: str, item: Item) -> bool:
    """Say whether there is something to judge, by a scorer or by a model."""
    if len(answer) > MAX_ANSWER_CHARS or "\0" in answer:
        return False
    if "answer" in item.reference and answer.strip() == str(item.reference["answer"]).strip():
        return True
    return answer.strip().casefold() not in NOTHING and answer.strip() != item.prompt.strip()
