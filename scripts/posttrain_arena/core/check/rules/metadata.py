"""Rules about who wrote the task and what it is about."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from posttrain_arena.core.check.draft import Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot, shown
from posttrain_arena.model.competition import Competition

EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>.]+(\.[^@\s<>.]+)+")
DIFFICULTIES = ("easy", "medium", "hard")
_OTHER_WORDS = {"beginner": "easy", "simple": "easy", "normal": "medium", "moderate": "medium", "expert": "hard"}
MAX_TAGS = 20
MAX_TAG_CHARS = 40


def author_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata names the author and a mail address.

    Why: somebody must be asked when a task is doubted, and credited when it is good. How: fill in
    metadata.author_name and metadata.author_email. Example: `author_name: Ada Lovelace`.
    """
    task = draft.task.value
    for key in ("author_name", "author_email") if task is not None else ():
        if task is not None and not getattr(task.metadata, key).strip():
            yield draft.task.spot("metadata", key, what=f"metadata.{key} is missing", how=f"add {key}: under metadata:")


def author_email_form(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata.author_email is a mail address.

    Why: the organisers write to it. How: write name@host.tld, without brackets or spaces. Example:
    `author_email: ada@team.example`.
    """
    email = draft.task.value.metadata.author_email if draft.task.value else ""
    if email.strip() and not EMAIL.fullmatch(email):
        what = f"{shown(email)!r} is not a mail address"
        yield draft.task.spot("metadata", "author_email", what=what, how="write it as name@host.tld")


def category_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata.category names one of the domains.

    Why: results are reported per domain. How: pick the domain closest to the work that the task asks for. Example:
    `category: cybersecurity`.
    """
    if draft.task.value is not None and not draft.task.value.metadata.category.strip():
        how = _pick_one(competition)
        yield draft.task.spot("metadata", "category", what="metadata.category is missing", how=how)


def category_unknown(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata.category is one of the slugs of competition.yaml, letter by letter.

    Why: two spellings would be two domains in every table. How: use the slug that the message offers. Example:
    `category: sciences` in place of `natural-science`.
    """
    category = draft.task.value.metadata.category if draft.task.value else ""
    if category.strip() and category not in {domain.slug for domain in competition.domains}:
        meant = _meant(category.strip(), competition)
        what = f"the category {shown(category)!r} is not a domain" + (f": did you mean '{meant}'?" if meant else "")
        how = f"write category: {meant}" if meant else _pick_one(competition)
        yield draft.task.spot("metadata", "category", what=what, how=how)


def difficulty_unknown(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata.difficulty is easy, medium or hard.

    Why: filters on the site know these three. How: pick one, or leave it out. Example: `difficulty: medium`.
    """
    difficulty = draft.task.value.metadata.difficulty if draft.task.value else ""
    if difficulty and difficulty not in DIFFICULTIES:
        plain = difficulty.strip().lower()
        close = [_OTHER_WORDS[plain]] if plain in _OTHER_WORDS else difflib.get_close_matches(plain, DIFFICULTIES, n=1)
        what = f"the difficulty {shown(difficulty)!r} is not known" + (f": did you mean '{close[0]}'?" if close else "")
        how = f"write difficulty: {close[0]}" if close else "write easy, medium or hard"
        yield draft.task.spot("metadata", "difficulty", what=what, how=how)


def tag_form(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata.tags are at most 20 different words, each of at most 40 characters.

    Why: the site filters by them, and a sentence or a doubled tag filters nothing. How: write short words in lower
    case, each once. Example: `tags: [logs, ssh, incident-response]`.
    """
    tags = draft.task.value.metadata.tags if draft.task.value else ()
    for index, tag in enumerate(tags[:MAX_TAGS]):
        plain = tag.strip()
        if not plain or len(plain) > MAX_TAG_CHARS or not plain.isprintable() or plain in tags[:index]:
            wrong = "is here twice" if plain in tags[:index] else f"is not a word of 1 to {MAX_TAG_CHARS} characters"
            how = "remove it" if plain in tags[:index] else "shorten it, or remove it"
            yield draft.task.spot("metadata", "tags", index, what=f"the tag {shown(tag)!r} {wrong}", how=how)
    if len(tags) > MAX_TAGS:
        what = f"{len(tags)} tags, more than {MAX_TAGS}"
        yield draft.task.spot("metadata", "tags", MAX_TAGS, what=what, how="keep those that people search for")


def _meant(category: str, competition: Competition) -> str | None:
    names = {domain.slug: domain.slug for domain in competition.domains}
    names |= {alias: domain.slug for domain in competition.domains for alias in domain.aliases}
    names |= {domain.title.lower(): domain.slug for domain in competition.domains}
    plain = re.sub(r"[\s_]+", "-", category.lower())
    close = difflib.get_close_matches(plain, names, n=1) or difflib.get_close_matches(category.lower(), names, n=1)
    return names[close[0]] if close else None


def _pick_one(competition: Competition) -> str:
    return "write one of: " + ", ".join(domain.slug for domain in competition.domains)


RULES: tuple[Rule, ...] = (
    judged("author-missing", "error", author_missing),
    judged("author-email-form", "error", author_email_form),
    judged("category-missing", "error", category_missing),
    judged("category-unknown", "error", category_unknown),
    judged("difficulty-unknown", "error", difficulty_unknown),
    judged("tag-form", "warning", tag_form),
)
