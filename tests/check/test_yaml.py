"""Values are those of YAML 1.2, and every one knows its line."""

from __future__ import annotations

from typing import Any

import pytest

from posttrain_arena.core.check.front_matter import read_markdown
from posttrain_arena.core.check.yaml_lines import Located, YamlFault, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("True", True),
        ("2026-11-21", "2026-11-21"),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("1.0", 1.0),
        ("1e3", 1000.0),
        ("'1.0'", "1.0"),
        ("~", None),
        ("", None),
        ("!!str 5", "5"),
        ("|\n  two\n  lines", "two\nlines"),
        ("9999999999999999999999", 1e22),
    ],
)
def test_scalar(text: str, value: Any) -> None:
    read = read_yaml(f"key: {text}")
    assert isinstance(read, Located)
    assert read.value == {"key": value}
    assert type(read.value["key"]) is type(value)


def test_every_key_and_item_knows_its_line() -> None:
    read = read_yaml("a:\n  b: 1\n  c:\n  - x\n  - y\n", first_line=10)
    assert isinstance(read, Located)
    assert [read.place(*path) for path in [("a",), ("a", "b"), ("a", "c", 1)]] == [(10, 1), (11, 3), (14, 5)]
    assert read.place("a", "nothing here") == (10, 1)


def test_alias_gives_the_value_of_its_anchor() -> None:
    read = read_yaml("a: &x [1, 2]\nb: *x\n")
    assert isinstance(read, Located)
    assert read.value == {"a": [1, 2], "b": [1, 2]}


def test_section_ends_at_the_next_heading_of_its_depth() -> None:
    text = "---\na: 1\n---\n## prompt\none\n### two\nthree\n````\n```\n## four\n````\n~~~\n# five\n~~~\n# six\nseven\n"
    document = read_markdown(text, "task.md")
    assert document.section("prompt") == "one\n### two\nthree\n````\n```\n## four\n````\n~~~\n# five\n~~~"
    assert document.section("six") is None


@pytest.mark.parametrize("mark", ["\r", "\x85", "\u2028", "\u2029"])
def test_line_breaks_that_only_some_readers_see_are_refused(mark: str) -> None:
    read = read_yaml(f"a: 1\nb: 'x{mark}y'\n", first_line=2)
    assert isinstance(read, YamlFault)
    assert (read.rule, read.line) == ("yaml-syntax", 3)
    assert read.what.isprintable()
