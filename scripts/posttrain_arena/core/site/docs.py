"""The repository's documentation as pages of the site: Markdown that is trusted to be ours, and yet writes no HTML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

from posttrain_arena.core.site.source import Document
from posttrain_arena.core.site.text import safe_url

FIRST = ("docs/spec.md", "docs/rules.md", "docs/scoring.md", "docs/operators.md")
"""What most readers come for, in the order of the list."""
_COMMENT = re.compile(r"\s*<!--.*?-->\s*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the second level with its anchor."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocPage:
    """One rendered page; ``html`` is safe to put into a page, everything else is plain text."""

    name: str
    path: str
    title: str
    about: str
    html: str
    headings: tuple[Heading, ...]


def doc_pages(documents: Sequence[Document]) -> tuple[DocPage, ...]:
    """Return a page per document, what most readers come for first."""
    names = {document.path: page_name(document.path) for document in documents}
    order = {path: place for place, path in enumerate(FIRST)}
    chosen = sorted(documents, key=lambda document: (order.get(document.path, len(order)), document.path))
    return tuple(_page(document, names) for document in chosen)


def page_name(path: str) -> str:
    """Return the file of a document: ``docs/spec.md`` as ``docs/spec.html``, a folder's README under its name."""
    folder, _, file = path.rpartition("/")
    stem = file.removesuffix(".md")
    stem = posixpath.basename(folder) if stem == "README" and folder else stem
    return f"docs/{stem.lower().replace('_', '-')}.html"


def _page(document: Document, names: Mapping[str, str]) -> DocPage:
    parser = _parser()
    tokens = parser.parse(document.text)
    headings = _anchor(tokens)
    _head_cells(tokens)
    for token in tokens:
        _resolve(token.children or [], document.path, names)
    title = next((heading.text for level, heading in headings if level == 1), document.path)
    return DocPage(
        name=names[document.path],
        path=document.path,
        title=title,
        about=_about(tokens),
        html=parser.renderer.render(tokens, parser.options, {}),
        headings=tuple(heading for level, heading in headings if level == 2),
    )


def _parser() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.add_render_rule("html_block", _raw)
    parser.add_render_rule("html_inline", _raw)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    parser.add_render_rule("image", _image)
    return parser


def _raw(_renderer: Any, tokens: Sequence[Any], index: int, _options: Any, _env: Any) -> str:
    """Show HTML as the text it is; comments are notes to editors and are left out."""
    return escape(_COMMENT.sub("", tokens[index].content))


def _table_open(_renderer: Any, _tokens: Sequence[Any], _index: int, _options: Any, env: Any) -> str:
    env["tables"] = env.get("tables", 0) + 1
    return f'<section class="scroll" aria-label="Table {env["tables"]}" tabindex="0"><table class="plain">\n'


def _table_close(_renderer: Any, _tokens: Sequence[Any], _index: int, _options: Any, _env: Any) -> str:
    return "</table></section>\n"


def _code(_renderer: Any, tokens: Sequence[Any], index: int, _options: Any, _env: Any) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[index].content)}</code></pre>\n'


def _image(_renderer: Any, tokens: Sequence[Any], index: int, _options: Any, _env: Any) -> str:
    return escape(tokens[index].content)


def _anchor(tokens: Sequence[Any]) -> list[tuple[int, Heading]]:
    """Give every heading the anchor that it has on GitHub, and return them with their levels."""
    found: list[tuple[int, Heading]] = []
    taken: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type != "heading_open":
            continue
        words = "".join(child.content for child in inline.children if child.type in ("text", "code_inline"))
        plain = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        count = taken.get(plain, 0)
        taken[plain] = count + 1
        anchor = f"{plain}-{count}" if count else plain
        token.attrSet("id", anchor)
        found.append((int(token.tag[1]), Heading(text=words, anchor=anchor)))
    return found


def _head_cells(tokens: Sequence[Any]) -> None:
    """Say of heads of tables that they are of columns, and make those plain cells that say nothing."""
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type == "th_open":
            if inline.content:
                opening.attrSet("scope", "col")
            else:
                opening.tag = closing.tag = "td"


def _resolve(children: list[Any], path: str, names: Mapping[str, str]) -> None:
    """Lead links to the pages of this site; what is neither a page of it nor elsewhere stays as text."""
    for token in children:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href")), path, names)
            if target is None:
                token.tag = "span"
                token.attrs = {}
            else:
                token.attrs = {"href": target} | ({"rel": "noopener"} if "://" in target else {})
    _match_ends(children)


def _match_ends(children: Sequence[Any]) -> None:
    opened: list[str] = []
    for token in children:
        if token.type == "link_open":
            opened.append(token.tag)
        elif token.type == "link_close":
            token.tag = opened.pop()


def _target(href: str, path: str, names: Mapping[str, str]) -> str | None:
    if "://" in href or ":" in href.split("/")[0]:
        return safe_url(href)
    place, _, fragment = href.partition("#")
    end = f"#{fragment}" if fragment else ""
    if not place:
        return end or None
    file = posixpath.normpath(posixpath.join(posixpath.dirname(path), place))
    name = names.get(file) or names.get(posixpath.join(file, "README.md"))
    return None if name is None else posixpath.relpath(name, "docs") + end


def _about(tokens: Sequence[Any]) -> str:
    """Return the first sentence of the first paragraph."""
    for token, inline in pairwise(tokens):
        if token.type == "paragraph_open" and token.level == 0:
            words = "".join(
                " " if child.type == "softbreak" else child.content
                for child in inline.children
                if child.type in ("text", "code_inline", "softbreak")
            )
            return re.split(r"(?<=[.:])\s", words)[0].rstrip(":").rstrip(".") + "."
    return ""
