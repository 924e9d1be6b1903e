"""A record of JSON Lines ends at a newline, and at nothing else that ends a line of text."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from posttrain_arena.adapters.agents.audited_run import connections
from posttrain_arena.adapters.agents.bench import KIT
from posttrain_arena.core.agents.lines import encode_lines
from posttrain_arena.core.audit.passages import passages
from posttrain_arena.errors import DocumentError
from posttrain_arena.model.agent_run import Connection
from posttrain_arena.model.benchmark import BenchmarkCard, Generation, Item
from posttrain_arena.model.documents import read_lines, write_bytes, write_document

WITHIN = "a\u2028b\u2029c\x85d"
"""What json.dumps leaves as it is where it may write UTF-8, and str.splitlines cuts in four."""


def test_records_are_read_whole_and_named_by_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"text": WITHIN}, {"text": "next"}]
    path.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    assert read_lines(path) == [(f"{path}:1", rows[0]), (f"{path}:3", rows[1])]


@pytest.mark.parametrize(
    ("data", "message"), [(b'{"a": 1}\n{"a"', "rows.jsonl:2: "), (b"\xff", "rows.jsonl: cannot be read")]
)
def test_a_line_that_is_no_json_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "rows.jsonl").write_bytes(data)
    with pytest.raises(DocumentError, match=message):
        read_lines(tmp_path / "rows.jsonl")


def test_no_host_that_an_agent_asked_for_breaks_its_audit(tmp_path: Path) -> None:
    asked = (Connection(time="2026-11-21T10:00:00Z", host=WITHIN, port=443, allowed=False),)
    write_bytes(tmp_path / "egress.jsonl", encode_lines(asked))
    assert connections(tmp_path / "egress.jsonl") == asked


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_audit_reads_the_escapes_of_a_record_with_such_a_character(end: str) -> None:
    rows = ['{"a": "' + WITHIN + '", "b": "\\u0068idden"}', '{"b": "\\u006eext"}']
    found = list(passages("data.jsonl", (end.join(rows) + end).encode("utf-8")))
    assert [(one.line, one.text.split("\n")[-1]) for one in found] == [(1, "hidden"), (2, "next")]


ECHO = """
import json, sys
(job,) = json.loads(open(sys.argv[3]).read())
said = {one["id"]: [{"text": one["prompt"], "lost": ""}] for one in job["requests"]}
open(sys.argv[4], "w").write(json.dumps([said]))
"""


@pytest.mark.parametrize(("count", "ids"), [(0, ["a", "b"]), (1, ["a"])])
def test_an_agent_scores_a_dev_split_with_such_a_prompt(tmp_path: Path, count: int, ids: list[str]) -> None:
    spec = importlib.util.spec_from_file_location("score_of_the_kit", KIT / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    score.ARENA, score.PYTHON = tmp_path, sys.executable
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "generate.py").write_text(ECHO)
    generation = Generation(samples=1, temperature=1.0, top_p=1.0, max_tokens=1, context=8)
    card = BenchmarkCard(
        name="x", version="1", description="X.", scorer="x", generation=generation, dev_items=2, hidden_items=1
    )
    write_document(tmp_path / "dev" / "benchmark.json", card)
    items = [Item(id=name, prompt=WITHIN, reference={}) for name in "ab"]
    write_bytes(tmp_path / "dev" / "dev.jsonl", encode_lines(items))
    assert score.generated(tmp_path / "model", count) == dict.fromkeys(ids, WITHIN)
