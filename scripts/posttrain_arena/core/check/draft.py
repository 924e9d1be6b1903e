"""A draft: everything that was read of one package, for the rules to judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from posttrain_arena.core.check.contents import NOTHING, Contents, read_contents
from posttrain_arena.core.check.front_matter import MarkdownDocument, read_markdown
from posttrain_arena.core.check.shape import shape_problems
from posttrain_arena.core.check.spot import Problem, Spot, spot_at
from posttrain_arena.core.check.text_file import MAX_TEXT_BYTES, decode_text, read_bytes, read_text
from posttrain_arena.core.check.tree_listing import Listing, list_package
from posttrain_arena.core.check.yaml_lines import Located
from posttrain_arena.model.documents import Document, load_schema
from posttrain_arena.model.task_document import TaskDocument
from posttrain_arena.model.verifier_document import VerifierDocument

TASK = "task.md"
DOCKERFILE = "environment/Dockerfile"
VERIFIER = "verifier/verifier.md"
TEST = "verifier/test.sh"
ORACLE = "oracle/solve.sh"
REQUIRED_FILES = (TASK, DOCKERFILE, VERIFIER, TEST, ORACLE)
"""What every package has; see the starting kit's template."""

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[D]):
    """A Markdown file with front matter; a part that could not be read is None, and ``problems`` says why."""

    name: str
    markdown: MarkdownDocument | None = None
    value: D | None = None
    problems: tuple[Problem, ...] = ()

    def spot(self, *path: str | int, what: str, how: str) -> Spot:
        """Return a spot at a setting, or at the nearest table above it; line 1 without front matter."""
        front = self.markdown.front if self.markdown else None
        return spot_at(self.name, front.place(*path) if front else (1, 1), what=what, how=how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A package as read: nothing here is trusted yet."""

    path: Path
    name: str
    digest: str | None
    listing: Listing
    texts: dict[str, str]
    task: Page[TaskDocument]
    verifier: Page[VerifierDocument]
    problems: tuple[Problem, ...]
    contents: Contents
    decoded: dict[str, str] = field(default_factory=dict)

    def lenient(self, name: str) -> str:
        """Return the text of any file up to MAX_TEXT_BYTES, odd bytes replaced; "" where there is none to read."""
        if name in self.texts:
            return self.texts[name]
        if name in self.decoded:
            return self.decoded[name]
        if not self.listing.is_file(name) or self.listing.entries[name].size > MAX_TEXT_BYTES:
            return ""
        kept = self.contents.kept.get(name)
        text = (_again(self.path / name) if kept is None else kept).decode("utf-8", "replace").replace("\r\n", "\n")
        if kept is not None:
            self.decoded[name] = text
        return text

    def text(self, name: str) -> str:
        """Return the text of a required file, "" where it has none."""
        return self.texts.get(name, "")

    def spots(self, rule: str) -> Iterator[Spot]:
        """Yield what reading found for one rule."""
        return (problem.spot for problem in self.problems if problem.rule == rule)


def read_draft(path: Path) -> Draft:
    """Read a package; every fault of its author ends in ``problems``."""
    listing = list_package(path)
    contents = NOTHING if listing.problems else read_contents(path, listing)
    read = {name: _text(path, name, contents) for name in REQUIRED_FILES if listing.is_file(name)}
    texts = {name: text for name, (text, _) in read.items()}
    task: Page[TaskDocument] = _page(TaskDocument, texts, TASK)
    verifier: Page[VerifierDocument] = _page(VerifierDocument, texts, VERIFIER)
    of_texts = tuple(problem for _, problems in read.values() for problem in problems)
    return Draft(
        path=path,
        name=path.name,
        digest=contents.digest,
        listing=listing,
        texts=texts,
        task=task,
        verifier=verifier,
        problems=(*listing.problems, *contents.problems, *of_texts, *task.problems, *verifier.problems),
        contents=contents,
    )


def _text(path: Path, name: str, contents: Contents) -> tuple[str, tuple[Problem, ...]]:
    return decode_text(contents.kept[name], name) if name in contents.kept else read_text(path, name)


def _again(path: Path) -> bytes:
    try:
        return read_bytes(path, MAX_TEXT_BYTES)
    except OSError:
        return b""


def _page(cls: type[D], texts: dict[str, str], name: str) -> Page[D]:
    text = texts.get(name, "")
    if not text:
        return Page(name=name)
    markdown = read_markdown(text, name)
    value, problems = read_value(cls, markdown.front, name)
    return Page(name=name, markdown=markdown, value=value, problems=markdown.problems + problems)


def read_value(cls: type[D], front: Located | None, name: str) -> tuple[D | None, tuple[Problem, ...]]:
    """Turn a located table into the value of its schema; None with the problems where it does not fit."""
    if front is None:
        return None, ()
    problems = shape_problems(front, load_schema(cls.SCHEMA), name)
    value = None if problems else msgspec.convert(front.value, cls)
    return value, problems
