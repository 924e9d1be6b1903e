"""Rules about who wrote the task and what it is about."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from posttrain_arena.core.check.draft import Draft
from posttrain_arena.core.check.names import meant, offer
from posttrain_arena.core.check.rules.layout import PLACEHOLDERS
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown
from posttrain_arena.model.task_document import Metadata

EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>.]+(\.[^@\s<>.]+)+")
DIFFICULTIES = ("easy", "medium", "hard")
_OTHER_WORDS = {"beginner": "easy", "simple": "easy", "normal": "medium", "moderate": "medium", "expert": "hard"}
MAX_TAGS = 20
MAX_TAG_CHARS = 40
MAX_KEYS = 100
_ALIASES = {
    "author_name": ("author",),
    "author_email": ("email", "mail", "contact_email"),
    "category": ("domain",),
}
"""Keys that other formats have for the same."""


def author_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata names the author and a mail address.

    Why: somebody must be asked when a task is doubted, and credited when it is good. How: fill in
    metadata.author_name and metadata.author_email. Example: `author_name: Ada Lovelace`.
    """
    task = draft.task.value
    for key in ("author_name", "author_email") if task is not None else ():
        if task is not None and not getattr(task.metadata, key).strip():
            yield _missing(draft, key, f"add {key}: under metadata:")


def author_email_form(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata.author_email is a mail address.

    Why: the organisers write to it. How: write name@host.tld, without brackets or spaces. Example:
    `author_email: ada@team.example`.
    """
    email = draft.task.value.metadata.author_email if draft.task.value else ""
    if email.strip() and not PLACEHOLDERS.search(email) and not EMAIL.fullmatch(email):
        what = f"{shown(email)!r} is not a mail address"
        yield draft.task.spot("metadata", "author_email", what=what, how="write it as name@host.tld")


def category_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata.category names one of the domains.

    Why: results are reported per domain. How: pick the domain closest to the work that the task asks for. Example:
    `category: cybersecurity`.
    """
    if draft.task.value is not None and not draft.task.value.metadata.category.strip():
        yield _missing(draft, "category", _pick_one(competition))


def category_unknown(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """metadata.category is one of the slugs of competition.yaml, letter by letter.

    Why: two spellings would be two domains in every table. How: use the slug that the message offers. Example:
    `category: sciences` in place of `natural-science`.
    """
    category = draft.task.value.metadata.category if draft.task.value else ""
    known = {domain.slug for domain in competition.domains}
    if category.strip() and category not in known and not PLACEHOLDERS.search(category):
        slug = _domain_meant(category.strip(), competition)
        what = f"the category {shown(category)!r} is not a domain" + offer(slug)
        others = ", ".join(domain.slug for domain in competition.domains if domain.slug != slug)
        how = f"write category: {slug}; the other domains are {others}" if slug else _pick_one(competition)
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


def metadata_key(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The optional keys of metadata, difficulty and tags, are written as the format writes them.

    Why: other keys of metadata are the author's own, so a misspelt one is kept and read by nobody. How: rename it as
    the message says; a key of your own is better named differently. Example: `difficulty: hard` in place of
    `difficulity: hard`.
    """
    task = draft.task.value
    for key in ("difficulty", "tags") if task is not None else ():
        if task is not None and not getattr(task.metadata, key) and (near := _near_key(draft, key)):
            what = f"metadata.{shown(near)} is not read: did you mean {key}?"
            yield draft.task.spot("metadata", near, what=what, how=f"rename it to {key}")


def _missing(draft: Draft, key: str, how: str) -> Spot:
    """Return the spot of a key that is not there, or is there under a name that comes close."""
    what, near = f"metadata.{key} is missing", _near_key(draft, key)
    if near is None or draft.task.markdown is None or draft.task.markdown.front is None:
        return draft.task.spot("metadata", key, what=what, how=how)
    line = draft.task.markdown.front.place("metadata", near)[0]
    what = f"{what}, and line {line} has {shown(near)!r}: did you mean {key}?"
    return draft.task.spot("metadata", near, what=what, how=f"rename {shown(near)} on line {line} to {key}")


def _near_key(draft: Draft, key: str) -> str | None:
    """Return the key of metadata that was meant for ``key``, which is missing or empty."""
    front = draft.task.markdown.front if draft.task.markdown else None
    table = front.value.get("metadata") if front else None
    if not isinstance(table, dict) or key in table:
        return None
    others = [other for other in table if other not in Metadata.__dataclass_fields__ and table[other]][:MAX_KEYS]
    plain = {re.sub(r"[\s_-]+", "_", other[:60].lower()): other for other in others}
    close = next((alias for alias in _ALIASES.get(key, ()) if alias in plain), None) or meant(key, plain, cutoff=0.85)
    return plain[close] if close else None


def _domain_meant(category: str, competition: Competition) -> str | None:
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
    judged("metadata-key", "warning", metadata_key),
)
