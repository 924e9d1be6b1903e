"""The documentation on the site: linked among itself, and without a tag that its Markdown did not ask for."""

from __future__ import annotations

import posixpath

import pytest
from page_reader import PageReader

from posttrain_arena.cli.site import DOCUMENTS
from posttrain_arena.core.site.docs import FIRST, doc_pages, page_name
from posttrain_arena.core.site.source import Document
from posttrain_arena.model.documents import REPOSITORY_ROOT

OURS = [
    Document(path=path.relative_to(REPOSITORY_ROOT).as_posix(), text=path.read_text())
    for path in sorted({path for pattern in DOCUMENTS for path in REPOSITORY_ROOT.glob(pattern)})
]


def _html(text: str, *others: str) -> str:
    documents = [Document(path="docs/a.md", text=text), *(Document(path=path, text="# X") for path in others)]
    return next(page.html for page in doc_pages(documents) if page.path == "docs/a.md")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("docs/spec.md", "docs/spec.html"),
        ("CONTRIBUTING.md", "docs/contributing.html"),
        ("starting-kit/README.md", "docs/starting-kit.html"),
        ("README.md", "docs/readme.html"),
    ],
)
def test_pages_are_named_after_their_documents(path: str, name: str) -> None:
    assert page_name(path) == name


def test_what_most_come_for_is_there_and_comes_first() -> None:
    paths = [page.path for page in doc_pages(OURS)]
    first = [path for path in FIRST if path in paths]
    assert paths[: len(first)] == first
    assert {"docs/spec.md", "docs/rules.md", "docs/operators.md"} <= set(first)
    assert len({page.name for page in doc_pages(OURS)}) == len(OURS) >= 12


def test_every_link_of_the_documentation_leads_to_a_page_and_a_heading() -> None:
    pages = {page.name: page for page in doc_pages(OURS)}
    ids = {name: PageReader(page.html.encode()).values("id") for name, page in pages.items()}
    for name, page in pages.items():
        assert len(ids[name]) == len(set(ids[name])), name
        for link in PageReader(page.html.encode()).values("href"):
            if "://" in link:
                continue
            place, _, fragment = link.partition("#")
            target = posixpath.normpath(posixpath.join("docs", place)) if place else name
            assert target in pages, f"{name}: {link}"
            assert not fragment or fragment in ids[target], f"{name}: {link}"


def test_links_between_documents_lead_to_their_pages() -> None:
    html = _html(
        "[b](b.md#one) [c](../CONTRIBUTING.md) [d](../starting-kit/)",
        "docs/b.md",
        "CONTRIBUTING.md",
        "starting-kit/README.md",
    )
    assert PageReader(html.encode()).values("href") == ["b.html#one", "contributing.html", "starting-kit.html"]


@pytest.mark.parametrize(
    "link", ["../Makefile", "javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x/y"]
)
def test_what_is_no_page_is_no_link(link: str) -> None:
    page = PageReader(_html(f"see [words]({link})").encode())
    assert page.values("href") == []
    assert "words" in "".join(page.text)


def test_addresses_elsewhere_stay_links() -> None:
    page = PageReader(_html("see <https://example.org/a?b=1&c=2> and [x](http://example.org)").encode())
    assert page.values("href") == ["https://example.org/a?b=1&c=2", "http://example.org"]


def test_html_in_a_document_is_shown_and_not_obeyed() -> None:
    page = PageReader(_html("a <b onclick=x>bold</b>\n\n<script>alert(1)</script>\n\n![pic](x.png)\n").encode())
    assert {tag for tag, _ in page.tags} == {"p"}
    assert "<script>alert(1)</script>" in "".join(page.text)
    assert "<b onclick=x>" in "".join(page.text)


def test_comments_to_editors_are_left_out() -> None:
    html = _html("# T\n\n<!-- written by a program -->\n\ntext <!-- and this --> more\n")
    assert "--" not in html
    assert "text more" in html.replace("  ", " ")


def test_headings_have_the_anchors_of_github() -> None:
    page = PageReader(_html("# A `b` C!\n\n## Same\n\n## Same\n\n### Über-Größe & co.\n").encode())
    assert page.values("id") == ["a-b-c", "same", "same-1", "über-größe--co"]


def test_tables_and_code_can_be_reached_and_scrolled_by_keyboard() -> None:
    page = PageReader(_html("| a | b |\n| - | - |\n| 1 | 2 |\n\n```sh\nls <x>\n```\n\n    indented\n").encode())
    assert [tag for tag, found in page.tags if found.get("tabindex") == "0"] == ["section", "pre", "pre"]
    assert "ls <x>\n" in page.text


def test_an_empty_head_of_a_table_is_no_head() -> None:
    page = PageReader(_html("| | b |\n| - | - |\n| 1 | 2 |\n").encode())
    assert [tag for tag, _ in page.tags if tag in ("th", "td")] == ["td", "th", "td", "td"]


def test_title_and_first_sentence_introduce_a_page() -> None:
    (page,) = doc_pages(
        [Document(path="docs/a.md", text="# The `title`\n\nFirst sentence\nover lines. Second.\n\n## One\n")]
    )
    assert (page.title, page.about) == ("The title", "First sentence over lines.")
    assert [heading.anchor for heading in page.headings] == ["one"]
