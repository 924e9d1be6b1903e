"""Text that is not ours is shown in a comment and does nothing there: judged by a Markdown parser, not by our eyes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from posttrain_arena.model.markdown import block, cell, span
from posttrain_arena.model.shown import shown

PARSER = MarkdownIt("commonmark").enable("table")

HOSTILE = [
    "@octocat",
    "[x](https://evil.example)",
    "https://evil.example",
    "<img src=x onerror=alert(1)>",
    "<!-- arena:check -->",
    "a\n\n<!-- arena:check -->",
    "`` ` ``` ````",
    "a|b",
    "a\\|b\\",
    "`a`|`b`",
    "\u202egnp.exe",
    "\r\n::error::x",
    "</details>",
    "#1 GH-1 owner/repo#2 0123456789abcdef0123456789abcdef01234567",
    "",
    " ",
    "`",
    "\\`",
]
TEXTS = st.one_of(
    st.sampled_from(HOSTILE), st.text(alphabet=st.sampled_from("`|\\<>@# \na!-[]()\u202e"), max_size=30), st.text()
)


def inline(text: str) -> list[Token]:
    """Return the tokens of the one paragraph in a text."""
    tokens = PARSER.parse(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return tokens[1].children or []


@given(TEXTS)
def test_a_span_is_one_piece_of_code_between_our_words(text: str) -> None:
    before, code, after = inline(f"The file {span(text)} is missing.")
    assert (before.content, code.type, after.content) == ("The file ", "code_inline", " is missing.")
    assert code.content.strip() == shown(text, 200).strip()


@given(TEXTS, TEXTS)
@example("a\\|b", "`")
def test_a_cell_stays_in_its_cell(first: str, second: str) -> None:
    tokens = PARSER.parse(f"| Name | Other |\n| --- | --- |\n| {cell(first)} | {cell(second)} |\n")
    cells = [tokens[index + 1].children or [] for index, token in enumerate(tokens) if token.type == "td_open"]
    assert [[token.type for token in one] for one in cells] == [["code_inline"], ["code_inline"]]
    said = [shown(text, 200).replace("|", "\\x7c") for text in (first, second)]
    assert [one[0].content.strip() for one in cells] == [text.strip() for text in said]


@given(st.lists(TEXTS, max_size=5))
def test_a_block_is_one_block_and_what_follows_is_ours(texts: list[str]) -> None:
    tokens = PARSER.parse(f"{block(texts)}\n\nOurs.\n")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content.splitlines() == [shown(text, 1000) for text in texts]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_cannot_be_seen_is_written_out(text: str) -> None:
    assert all(char.isprintable() for char in span(text) + cell(text) + block([text]).replace("\n", ""))


def test_long_text_is_cut() -> None:
    assert len(span("x" * 5000)) < 210
    assert len(cell("|" * 5000)) < 900
    assert len(block(["x" * 5000])) < 1020
