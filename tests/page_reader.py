"""Read a page of the site as a browser without scripts does: tags, attributes, text."""

from __future__ import annotations

import html.parser


class PageReader(html.parser.HTMLParser):
    """Collect tags and text, and check that tags close in order."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input", "wbr"})

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page.decode())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        """Return all text of the page, also that of tool tips."""
        return "".join(self.text) + "".join(self.values("title")) + "".join(self.values("aria-label"))

    def values(self, attribute: str) -> list[str]:
        """Return every value of an attribute, in the page's order."""
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]


def pages_of(site: dict[str, bytes]) -> dict[str, PageReader]:
    """Return a reader of every page of a site."""
    return {name: PageReader(data) for name, data in site.items() if name.endswith(".html")}
