"""The Atom feed: every run that was published and every change, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from posttrain_arena.core.site.source import Source
from posttrain_arena.core.site.text import clean, points, share, span
from posttrain_arena.model.board import ChangeRow

MAX_ITEMS = 100
NEVER = "1970-01-01"
"""The day of a feed in which nothing happened yet: Atom wants one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of the feed; all text is plain."""

    day: str
    id: str
    title: str
    link: str
    author: str
    summary: str


def feed(source: Source) -> bytes:
    """Return ``feed.xml``. Days come from the source, so the same source gives the same bytes."""
    items = sorted([*_runs(source), *_changes(source)], key=lambda item: (item.day, item.id), reverse=True)[:MAX_ITEMS]
    newest = items[0].day if items else NEVER
    return "".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
            f"<title>PostTrain Arena</title>\n<id>{_xml(source.home)}/</id>\n<updated>{newest}T00:00:00Z</updated>\n",
            f'<link rel="self" href="{_xml(source.home)}/feed.xml"/>\n<link href="{_xml(source.home)}/"/>\n',
            "<author><name>PostTrain Arena</name></author>\n",
            *(_entry(item, source.home) for item in items),
            "</feed>\n",
        ]
    ).encode()


def _runs(source: Source) -> Iterator[Item]:
    for run in source.runs:
        if run.id not in source.days:
            continue
        score = run.score
        yield Item(
            day=source.days[run.id],
            id=f"runs/{run.id}",
            title=f"{clean(run.entry.title, 80) or run.entry.name}: {points(score.delta)} pp",
            link=f"runs/{run.id}.html",
            author=clean(run.entry.team, 80) or run.entry.name,
            summary=f"{run.entry.track}, {clean(run.suite.name, 60)}, attempt {run.attempt}, {run.status}: "
            f"{points(score.delta)} pp, {share(source.level)} interval {span(score.told)}, {score.n} tasks, "
            f"{score.k} trials each.",
        )


def _changes(source: Source) -> Iterator[Item]:
    oldest_first = source.board.changes[::-1]
    for number, change in enumerate(oldest_first, start=1):
        yield Item(
            day=change.date,
            id=f"changes/{number}",
            title=f"{change.kind.capitalize()}{f': {change.entry}' if change.entry else ''}",
            link="changes.html",
            author="PostTrain Arena",
            summary=_told(change),
        )


def _told(change: ChangeRow) -> str:
    before, after = change.before, change.after
    numbers = f" Before: {points(before.delta)} pp ({span(before.interval)})." if before else ""
    numbers += f" After: {points(after.delta)} pp ({span(after.interval)})." if after else ""
    return f"{clean(change.reason, 500)}{numbers}"


def _entry(item: Item, home: str) -> str:
    return (
        f"<entry>\n<title>{_xml(item.title)}</title>\n<id>{_xml(home)}/{item.id}</id>\n"
        f'<link href="{_xml(home)}/{item.link}"/>\n<updated>{item.day}T00:00:00Z</updated>\n'
        f"<author><name>{_xml(item.author)}</name></author>\n<summary>{_xml(item.summary)}</summary>\n</entry>\n"
    )


def _xml(text: str) -> str:
    return escape(text)
