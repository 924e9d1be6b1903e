"""Rules about the words and the scripts of a skill: nothing hidden, nothing turned against the agent."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from posttrain_arena.core.check.entries.part import Part, PartJudge, spot_in
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.finding import Severity
from posttrain_arena.model.shown import shown

MAX_LINE_CHARS = 2000
_PAGES = (".md", ".txt", ".html")
_INJECTION = (
    r"\b(?:ignore|disregard|forget|override)\s+(?:(?:all|any|the|your|of|these|those)\s+)*"
    r"(?:previous|prior|earlier|above|preceding|other|system|original)\s+"
    r"(?:instructions?|prompts?|messages?|rules|directions|guidelines|context)\b"
    r"|\b(?:do not|don't|never)\s+(?:tell|inform|alert|notify|show)\s+(?:this\s+to\s+)?the\s+user\b"
    r"|\byou are now\s+(?:a|an|the|in|no longer)\b|<\|?(?:im_start|system|endoftext)\|?>|\bnew system prompt\b"
)
_ORDER = (
    r"\b(?:ignore|disregard|secretly|override)\b|\byou (?:must|should|are|will)\b|\b(?:system prompt|exfiltrate)\b"
    r"|\b(?:agents?|assistants?|models?|AI|LLM)\b[^.\n]{0,40}\b(?:must|should|shall|has to|need to|always|never)\b"
    r"|\b(?:do not|don't|never) (?:tell|mention|reveal|inform|show)\b"
)
_VERIFIER = r"(?<![\w.-])/(?:logs/verifier|verifier|oracle)(?:/[\w.-]+)*"
_DIRECTION = "[\u202a-\u202e\u2066-\u2069]"
_UNSEEN = "[\u200b\u2060\u2061-\u2064\u180e\ufeff]|[\U000e0000-\U000e007f]{8,}"
_BLOB = r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{500,}"


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile when first used: a check of task packages needs none of these."""
    return re.compile(text, re.IGNORECASE | re.MULTILINE)


def text_direction(part: Part[Any]) -> Iterator[Spot]:
    """No text has characters that turn the direction of writing.

    Why: with them a line reads otherwise than it runs. How: remove them; right-to-left scripts need none. Example:
    U+202E before a comment hides the code after it.
    """
    for name, text in part.texts.items():
        if not text.isascii() and (match := _pattern(_DIRECTION).search(text)):
            what = f"the character U+{ord(match[0]):04X} turns the direction of what follows"
            yield spot_in(text, match.start(), name, what=what, how="remove it, or type the line again")


def text_unseen(part: Part[Any]) -> Iterator[Spot]:
    """Texts have no characters that nobody sees.

    Why: an agent reads them, a reviewer does not. How: remove them. Example: U+200B between the letters of a word.
    """
    for name, text in part.texts.items():
        if not text.isascii() and (match := _pattern(_UNSEEN).search(text)):
            what = f"an invisible character, U+{ord(match[0][0]):04X}"
            yield spot_in(text, match.start(), name, what=what, how="remove it, or type the line again")


def skill_injection(part: Part[Any]) -> Iterator[Spot]:
    """A skill does not speak to the agent as if it were somebody else.

    Why: words that set aside other instructions look like an attack, also where they are not. How: say what to do
    instead; leave it where the skill is about such attacks. Example: "Use ISO dates" in place of "Ignore previous
    instructions".
    """
    how = "say what to do; leave it if the skill is about such text"
    yield from _first(part, _INJECTION, what="{} reads like an attempt to steer the agent", how=how)


def skill_comment(part: Part[Any]) -> Iterator[Spot]:
    """Comments in a skill's pages hold no instructions.

    Why: an agent reads them, a reviewer of the rendered page does not. How: move the instruction into the text.
    Example: a line below a heading in place of `<!-- the agent must … -->`.
    """
    for name, text in _pages(part):
        for start, comment in _comments(text):
            if _pattern(_ORDER).search(comment):
                what = f"a hidden comment gives instructions: {shown(comment.strip(), 60)!r}"
                yield spot_in(text, start, name, what=what, how="move it into the text, or remove it")
                break


def skill_verifier(part: Part[Any]) -> Iterator[Spot]:
    """A skill teaches the work and not the way around it.

    Why: verifier and oracle are never where the agent works, and a skill that looks for them will be looked at closely.
    How: remove it. Example: nothing below `/verifier`, `/oracle` or `/logs/verifier`.
    """
    how = "remove it: neither verifier nor oracle is there while the agent works"
    yield from _first(part, _VERIFIER, what="{} is a place of the verifier or the oracle", how=how, everywhere=True)


def skill_blob(part: Part[Any]) -> Iterator[Spot]:
    """Pages and scripts are readable text.

    Why: nobody can review what is encoded. How: put data into a file of its own in assets/. Example:
    `assets/logo.png` in place of its base64.
    """
    how = "put the data into a file of its own in assets/"
    yield from _first(part, _BLOB, what="a long run of encoded text, {}", how=how, everywhere=True)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield the HTML comments of a page with where they start, cut to a length that is quick to look at."""
    start = text.find("<!--")
    while start >= 0 and (end := text.find("-->", start + 4)) >= 0:
        yield start, text[start + 4 : min(end, start + MAX_LINE_CHARS)]
        start = text.find("<!--", end)


def _pages(part: Part[Any]) -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in part.texts.items() if name.endswith(_PAGES))


def _first(part: Part[Any], pattern: str, *, what: str, how: str, everywhere: bool = False) -> Iterator[Spot]:
    """Yield the first place in each page, or in each page and script, that the pattern matches."""
    for name, text in [*_pages(part), *(part.scripts() if everywhere else ())]:
        if match := _pattern(pattern).search(text):
            said = what.format(repr(shown(" ".join(match[0].split()), 40)))
            yield spot_in(text, match.start(), name, what=said, how=how)


TEXT_JUDGED: tuple[tuple[str, Severity, PartJudge[Any]], ...] = (
    ("text-direction", "error", text_direction),
    ("text-unseen", "note", text_unseen),
)
"""Rules about every text, whatever it is part of."""

JUDGED: tuple[tuple[str, Severity, PartJudge[Any]], ...] = (
    ("skill-injection", "note", skill_injection),
    ("skill-comment", "note", skill_comment),
    ("skill-verifier", "note", skill_verifier),
    ("skill-blob", "note", skill_blob),
)
