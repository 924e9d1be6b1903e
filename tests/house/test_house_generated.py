"""The pages that are made from rules and schemas are up to date, complete, and show every text as it is."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posttrain_arena.cli import docs
from posttrain_arena.cli.main import main
from posttrain_arena.core.check.pages.generated import PAGES, made_pages, stale_pages
from posttrain_arena.core.check.pages.markdown import anchor, code, prose, table, value
from posttrain_arena.core.check.pages.rules_page import FAMILY_ABOUT
from posttrain_arena.core.check.pages.schemas_page import USES, keys_of
from posttrain_arena.core.check.rules.catalogue import FAMILIES
from posttrain_arena.model.documents import REPOSITORY_ROOT, SCHEMA_DIR, load_schema

HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def test_pages_are_up_to_date() -> None:
    assert list(stale_pages(REPOSITORY_ROOT)) == [], "run `arena docs` and commit the pages"


def test_check_names_the_stale_page_and_docs_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docs.documents, "REPOSITORY_ROOT", tmp_path)
    assert main(["docs"]) == 0
    assert main(["docs", "--check"]) == 0
    (tmp_path / "docs" / "rules.md").write_text("old")
    capsys.readouterr()
    assert main(["docs", "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == ["docs/rules.md is stale: run `arena docs` and commit the page"]
    assert main(["docs"]) == 0
    assert main(["docs", "--check"]) == 0


def test_second_making_is_byte_equal() -> None:
    assert made_pages() == made_pages()
    assert all(data.endswith(b"\n") and not data.endswith(b"\n\n") for data in made_pages().values())


def test_every_rule_has_one_anchor_that_is_its_id() -> None:
    anchors = [anchor(title) for title in HEADING.findall(made_pages()["docs/rules.md"].decode())]
    assert len(set(anchors)) == len(anchors)
    assert {rule.id for family in FAMILIES.values() for rule in family} <= set(anchors)


@pytest.mark.parametrize("path", sorted(PAGES))
def test_links_within_a_page_lead_to_its_headings(path: str) -> None:
    page = made_pages()[path].decode()
    anchors = {anchor(title) for title in HEADING.findall(page)}
    links = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert links
    assert links <= anchors


def test_every_family_says_what_it_is_about() -> None:
    assert set(FAMILY_ABOUT) == set(FAMILIES)


def test_every_schema_is_on_the_page_with_its_writer_and_its_reader() -> None:
    assert set(USES) == {path.name.removesuffix(".schema.json") for path in SCHEMA_DIR.glob("*.schema.json")}


def test_every_key_of_a_contributor_is_in_a_row() -> None:
    rows = {row[0]: row for row in keys_of(load_schema("task"))}
    assert rows["`agent.timeout_sec`"][1:5] == ["number", "", "`900`", "more than 0"]
    assert rows["`scenes[].turns[].role`"][2] == "yes"
    assert "`agents.roles.<name>.capabilities`" in rows
    assert "`sandbox.cpus`" not in rows
    assert rows["`sandbox`"][5].endswith("Its keys are those of `environment`.")


def test_every_row_of_a_table_has_as_many_cells() -> None:
    for page in made_pages().values():
        for block in re.findall(r"(?:^\|.*\|\n)+", page.decode(), re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1, block[:200]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a `b|c` d", "a `b|c` d"),
        ("<b>*x*</b>", r"\<b\>\*x\*\</b\>"),
        ("[a](b) ~~c~~ $d$", r"\[a\](b) \~\~c\~\~ \$d\$"),
        ("snake_case _word_", r"snake_case \_word\_"),
        ("an odd ` mark", r"an odd \` mark"),
        ("# no heading", r"\# no heading"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
    ],
)
def test_prose_shows_as_written(text: str, shown: str) -> None:
    assert prose(text) == shown


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=40))
def test_prose_without_code_gives_its_text_back(text: str) -> None:
    text = text.replace("`", "")
    unescaped = re.sub(r"\\([^A-Za-z0-9\s])", r"\1", prose(text))
    assert html.unescape(unescaped) == html.unescape(text)


@pytest.mark.parametrize(
    ("thing", "shown"),
    [("1.0", '`"1.0"`'), (1.0, "`1.0`"), ("easy", "`easy`"), ("", '`""`'), (None, "`null`"), (["a"], '`["a"]`')],
)
def test_value_is_written_as_in_yaml(thing: object, shown: str) -> None:
    assert value(thing) == shown


def test_code_holds_backticks_and_tables_hold_bars() -> None:
    assert code("a `b` c") == "``a `b` c``"
    assert code("`b`") == "`` `b` ``"
    assert table(["x"], [["a|b"], [r"c\|d"]]).splitlines()[2:] == [r"| a\|b |", r"| c\|d |"]
