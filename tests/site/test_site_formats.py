"""Hostile text in every field that contributors write, in every format of the site: parsed, it is text and no more."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import yaml
from page_reader import PageReader, pages_of
from pybtex.database import parse_string
from site_fields import built_site
from synthetic_runs import facts, run

from posttrain_arena.cli.results import make_run
from posttrain_arena.core.site.data import FORMULA
from posttrain_arena.core.site.text import HIDDEN
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import schema_errors
from posttrain_arena.model.leaderboard_run import LeaderboardRun, Pin

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "attributes": "\"'><img src=x onerror=alert(1)> javascript:alert(1)",
    "closes its own place": "</script></title></svg></textarea>-->]]><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "template": "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "table and markdown": "| a | b |\n| - | - |\n[x](javascript:alert(1)) ![x](//evil.example/x.png)",
    "right to left": "\u202etxet lanigiro\u2066 \u200f\u061c\u2069",
    "controls": "".join(map(chr, range(32))) + "\x7f\x80\x9b\u2028\u2029\ufeff\ufffe\ufff9",
    "long": "W" * 10_240,
    "long and wide": "\U0001f980\ufe0f\u200d" * 3_000,
    "marks": "Z" + "\u0301" * 2_000,
    "blank": "\u3164\u2800\u200b",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "other formulas": "@SUM(1+1)*cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "plus": "+1+1",
    "tab before a formula": "\t=1+1",
    "tex": "}, note = {x} @comment{ \\input{/etc/passwd} % $ & # _ ~ ^ \\\\",
    "yaml": "x\n- name: evil\n!!python/object/apply:os.system [id] &a *a",
}
SHOWN = 1100
"""No text on any page is longer: a thousand characters of a reason and what stands around it."""
OPEN_TAGS = frozenset({"script", "img", "iframe", "object", "embed", "form", "style", "base"})
SVG_TAGS = frozenset({"svg", "title", "clipPath", "rect", "g", "text", "tspan", "path", "circle"})


def _hostile(text: str) -> LeaderboardRun:
    """Return a run that says ``text`` wherever a contributor, or a file from one, has a say."""
    base = facts("mallory")
    entry = replace(base.entry, title=text, team=text, url=text)
    sides = tuple(
        replace(
            side,
            suite=text,
            tasks=tuple(replace(task, id=f"{text}{n}", group=text, domain=text) for n, task in enumerate(side.tasks)),
        )
        for side in (base.baseline, *base.evaluations)
    )
    return make_run(
        replace(
            base,
            entry=entry,
            recipe=Pin(name=text, digest=base.recipe.digest),
            baseline=sides[0],
            evaluations=tuple(replace(side, stage=text if side.stage == "grpo" else side.stage) for side in sides[1:]),
            scored_stage=text,
            exhibition=text,
            hardware=text,
            curves=tuple(replace(series, name=text, unit=text, stage=text) for series in base.curves[:1]),
            trials=tuple(replace(stats, stage=text) for stats in base.trials),
            versions={text: text},
            sources={text: text},
            wall_sec={text: 1.0},
        )
    )


@pytest.fixture(scope="module", params=PAYLOADS.values(), ids=PAYLOADS)
def site(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """Return the site of three runs that say the payload, and one that does not."""
    mallory = _hostile(request.param)
    twin = replace(mallory, id="mallory-000000000000", entry=replace(mallory.entry, name="twin"))
    withdrawn = replace(mallory, id="mallory-111111111111", attempt=2)
    change = Change(date="2026-11-20", kind="withdrawal", run=withdrawn.id, reason=request.param)
    return built_site([run("quiet-harbour"), mallory, twin, withdrawn], changes=(change,))


def _seen(text: str) -> None:
    assert not {char for char in text if unicodedata.category(char) in HIDDEN} - {"\n"}, ascii(text[:80])


def test_pages_hold_no_markup_of_it(site: dict[str, bytes]) -> None:
    for name, page in pages_of(site).items():
        own = [found for tag, found in page.tags if tag in OPEN_TAGS]
        assert all(
            str(found.get("src", "")).endswith((".svg", "board.js")) or found.get("type") == "application/ld+json"
            for found in own
        ), name
        for tag, attributes in page.tags:
            assert not any(key.startswith("on") or key in ("style", "srcdoc") for key in attributes), (name, tag)
            for link in (attributes.get("href"), attributes.get("src")):
                assert link is None or not re.match(r"\s*[a-z]+:", link, re.I) or link.startswith(("http:", "https:"))
        for text in (*page.text, *page.values("title"), *page.values("aria-label"), *page.values("data-label")):
            _seen(text)
            assert len(text) < SHOWN or name.startswith("docs/"), (name, text[:80])


def test_every_link_on_the_board_has_a_name(site: dict[str, bytes]) -> None:
    for data in (site[name] for name in site if name.endswith("index.html")):
        for words in re.findall(r"<a [^>]*>(.*?)</a>", data.decode(), re.DOTALL):
            assert re.sub(r"<[^>]*>|\s", "", words)


def test_pictures_draw_and_do_nothing_else(site: dict[str, bytes]) -> None:
    for data in (site[name] for name in site if name.endswith(".svg") and name != "icon.svg"):
        for element in ElementTree.fromstring(data).iter():
            assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in SVG_TAGS
            assert not any(key.startswith("on") or key.endswith("href") for key in element.attrib)
            _seen(element.text or "")
            assert len(element.text or "") < 160


def test_json_is_json_and_keeps_its_schemas(site: dict[str, bytes]) -> None:
    for name in (name for name in site if name.endswith(".json")):
        doc = json.loads(site[name], parse_constant=pytest.fail)
        if not name.startswith("badges/"):
            known = [error for error in schema_errors(doc, doc["schema"].partition("/")[0]) if not _too_long(error)]
            assert known == [], name
    badges = [json.loads(data) for name, data in site.items() if name.startswith("badges/") and name.endswith(".json")]
    assert all(set(badge) == {"schemaVersion", "label", "message", "color"} for badge in badges)


def _too_long(error) -> bool:
    """Say whether a schema refuses the payload itself: then no run of it gets this far."""
    return error.validator in ("maxLength", "minLength", "pattern", "propertyNames")


def test_spreadsheets_find_no_formula(site: dict[str, bytes]) -> None:
    for name in (name for name in site if name.endswith(".csv")):
        head, *rows = csv.reader(io.StringIO(site[name].decode(), newline=""), strict=True)
        assert len(rows) == 4
        for row in rows:
            assert len(row) == len(head)
            for cell in row:
                _seen(cell)
                assert len(cell) <= 201
                assert not cell.startswith(FORMULA) or _is_number(cell), ascii(cell)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_feed_is_plain_text(site: dict[str, bytes]) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    for data in (site[name] for name in site if name == "feed.xml"):
        assert b"<!" not in data
        feed = ElementTree.fromstring(data)
        assert len(feed.findall(f"{atom}entry")) == 5
        for element in feed.iter():
            assert element.attrib.keys() <= {"rel", "href"}
            assert element.attrib.get("href", "https:").startswith("https:")
            _seen(element.text or "")
        for entry in feed.findall(f"{atom}entry"):
            assert {part.tag.removeprefix(atom) for part in entry} == {
                "title",
                "id",
                "link",
                "updated",
                "author",
                "summary",
            }
            assert all(len(part.text or "") < SHOWN for part in entry)


def test_bibliographies_have_one_entry_and_its_fields(site: dict[str, bytes]) -> None:
    for name in (name for name in site if name.endswith(".bib")):
        found = parse_string(site[name].decode(), "bibtex")
        ((key, entry),) = found.entries.items()
        assert key in (name.removeprefix("runs/").removesuffix(".bib"), "posttrain-arena")
        assert entry.fields.keys() <= {"title", "howpublished", "year", "url"}
        assert len(entry.persons["author"]) == 1
        assert not re.search(r"\\(?!text(backslash|ascii|brace)|[&%$#_])", entry.fields["title"]), entry.fields["title"]


def test_citation_files_are_plain_yaml(site: dict[str, bytes]) -> None:
    for name in (name for name in site if name.endswith(".cff")):
        doc = yaml.safe_load(site[name])
        assert doc.keys() <= {
            "cff-version",
            "message",
            "type",
            "title",
            "authors",
            "url",
            "date-released",
            "abstract",
            "license",
        }
        assert [list(author) for author in doc["authors"]] == [["name"]]
        _seen(doc["title"])


def test_data_for_search_engines_cannot_leave_its_place(site: dict[str, bytes]) -> None:
    for data in (site[name] for name in site if name == "data.html"):
        (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', data.decode(), re.DOTALL)
        assert json.loads(text)["@type"] == "Dataset"
        assert "<" not in text


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def test_data_says_what_was_written() -> None:
    text = PAYLOADS["script"]
    site = built_site([_hostile(text)])
    assert text in set(_strings(json.loads(site["api/v1/leaderboard.json"])))
    page = PageReader(next(data for name, data in site.items() if name.startswith("runs/") and name.endswith(".html")))
    assert any(text in part for part in page.text)


def test_half_of_a_pair_is_refused_before_anything_is_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        built_site([_hostile("half \ud83e of a pair")])
