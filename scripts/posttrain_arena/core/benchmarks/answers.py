"""Judge short answers: a number, an option's letter, or a text that has one right form."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from posttrain_arena.model.benchmark import Item

_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
_LABEL = re.compile(r"(?:final\s+)?answer\s*(?:is)?\s*:?\s*", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_LETTER = re.compile(r"\(?\b([A-Z])\b\)?")
MAX_DIGITS = 60


def answer_of(item: Item) -> str:
    """Return the right answer as it stands."""
    return str(item.reference["answer"])


def boxed_answer_of(item: Item) -> str:
    """Return the right answer in the form that prompts ask for, behind its working where that is published."""
    boxed = f"\\boxed{{{answer_of(item)}}}"
    working = item.reference.get("working")
    return f"{working}\n{boxed}" if working else boxed


def exact(answer: str, item: Item) -> float:
    """Return 1.0 where the whole answer is the right one, spaces at line ends and a label before it aside."""
    return float(_normal(answer) == _normal(str(item.reference["answer"])))


def number(answer: str, item: Item) -> float:
    """Return 1.0 where the number that the answer ends with is the right one, as decimals."""
    said, right = last_number(answer), last_number(str(item.reference["answer"]))
    return float(said is not None and said == right)


def option(answer: str, item: Item) -> float:
    """Return 1.0 where the answer names the right letter: boxed, after the word answer, or alone."""
    return float(_chosen(answer) == str(item.reference["answer"]).strip().upper())


def last_number(text: str) -> Decimal | None:
    """Return the boxed number of a text, else what stands behind ``####`` or an answer's label, else the last one."""
    found = _NUMBER.findall(_told(text).replace("$", ""))
    if not found or len(found[-1]) > MAX_DIGITS:
        return None
    try:
        return Decimal(found[-1].replace(",", ""))
    except InvalidOperation:
        return None


def _told(text: str) -> str:
    boxed = _BOXED.findall(text)
    if boxed:
        return str(boxed[-1])
    for mark in (text.rpartition("####"), _after_label(text)):
        if mark[1]:
            return mark[2].partition("\n")[0] or mark[2]
    return text


def _after_label(text: str) -> tuple[str, str, str]:
    found = list(_LABEL.finditer(text))
    return ("", found[-1].group(), text[found[-1].end() :]) if found else (text, "", "")


def _chosen(text: str) -> str:
    if len(text.strip(" ().")) == 1:
        return text.strip(" ().").upper()
    told = _told(text)
    found = _LETTER.match(told.strip()) if told != text else None
    return found[1] if found else ""


def _normal(text: str) -> str:
    lines = [line.rstrip() for line in _LABEL.sub("", text.strip(), count=1).splitlines()]
    return "\n".join(lines).strip()
