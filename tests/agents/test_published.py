"""Published benchmarks are read from pinned files, and judged strictly."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from posttrain_arena.adapters.benchmarks.process import items_of, judged
from posttrain_arena.adapters.benchmarks.registry import BENCHMARKS
from posttrain_arena.adapters.benchmarks.sources import Sources, read_sources
from posttrain_arena.core.benchmarks.few_shot import shown_of
from posttrain_arena.core.benchmarks.guard import decoys
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.benchmark import BenchmarkData, DataFile, ModelJudge

SECRET = b"a secret of tests"
ROWS = {
    "aime2025": lambda n: {"problem": f"What is {n} + 1?", "answer": str(n + 1)},
    "gsm8k": lambda n: {"question": f"What is {n} times 1000?", "answer": f"It is easy.\n#### {n * 1000:,}"},
    "gpqa": lambda n: {
        "Question": f"Which is {n}?",
        "Correct Answer": str(n),
        **{f"Incorrect Answer {k}": f"{n}{k}" for k in (1, 2, 3)},
    },
    "arenahard": lambda n: {"prompt": f"Tell me of {n}", "baseline": "It is a number."},
    "healthbench": lambda n: {
        "prompt": [{"role": "user", "content": f"I have {n} headaches"}],
        "rubrics": [{"criterion": "asks since when", "points": 5}, {"criterion": "scolds", "points": -3}],
    },
}


def _sources(tmp_path: Path, name: str, rows: int, judge: ModelJudge | None = None) -> Sources:
    text = "".join(json.dumps(ROWS[name](n)) + "\n" for n in range(rows))
    return _of_file(tmp_path, name, text.encode(), judge)


def _of_file(tmp_path: Path, name: str, text: bytes, judge: ModelJudge | None = None) -> Sources:
    (tmp_path / f"{name}.jsonl").write_bytes(text)
    digest = hashlib.sha256(text).hexdigest()
    data = BenchmarkData(files=(DataFile(benchmark=name, path=f"{name}.jsonl", sha256=digest),), judge=judge)
    documents.write_document(tmp_path / "data.json", data)
    return read_sources(tmp_path / "data.json")


@pytest.mark.parametrize("name", ["aime2025", "gsm8k", "gpqa"])
def test_right_answers_count_in_their_usual_forms_and_decoys_never(name: str, tmp_path: Path) -> None:
    card = BENCHMARKS[name].card
    sources = _sources(tmp_path, name, card.dev_items + 6)
    items = items_of(name, "hidden", SECRET, sources)
    assert (len(items), len(items_of(name, "dev", None, sources))) == (6, card.dev_items)
    item = items[0]
    right = item.reference["answer"]
    shown = shown_of(BENCHMARKS[name], items_of(name, "dev", None, sources), 2)
    assert [answer.rpartition("\n")[0] for _, answer in shown] == ["It is easy." if name == "gsm8k" else ""] * 2
    dev = {item.prompt: item for item in items_of(name, "dev", None, sources)}
    assert judged(name, [dev[asked] for asked, _ in shown], [answer for _, answer in shown], sources) == (1.0, 1.0)
    said = [right, f"<think>7?</think> So \\boxed{{{right}}}", f"I think so.\nFinal answer: {right}"]
    assert judged(name, [item] * 3, said, sources) == (1.0, 1.0, 1.0)
    bad = [decoy for decoy in decoys(item) if decoy != item.prompt] + [
        "\\boxed{nan}",
        "none of them",
        f"{right}{right}7",
    ]
    assert set(judged(name, [item] * len(bad), bad, sources)) == {0.0}


def test_options_are_not_always_at_one_place(tmp_path: Path) -> None:
    sources = _sources(tmp_path, "gpqa", 60)
    assert {item.reference["answer"] for item in items_of("gpqa", "dev", None, sources)} == set("ABCD")


def test_a_file_with_other_bytes_is_refused(tmp_path: Path) -> None:
    sources = _sources(tmp_path, "gsm8k", 130)
    (tmp_path / "gsm8k.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match="SHA-256"):
        items_of("gsm8k", "dev", None, sources)
    with pytest.raises(UsageError, match="--data"):
        items_of("gsm8k", "dev")


def test_without_a_model_that_judges_nothing_is_scored(tmp_path: Path) -> None:
    sources = _sources(tmp_path, "arenahard", 60)
    items = items_of("arenahard", "dev", None, sources)
    with pytest.raises(UsageError, match="judged by a model"):
        judged("arenahard", items[:1], ["an answer"], sources)


def test_a_row_ends_at_a_newline_alone(tmp_path: Path) -> None:
    question = "Add\u2028one\u2029and\x85two."
    rows = [{"question": f"{question} {n}", "answer": "#### 3"} for n in range(120)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (item,) = items_of("gsm8k", "hidden", SECRET, _of_file(tmp_path, "gsm8k", text.encode()))
    assert item.prompt.startswith(question)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b'{"question": "cut', "gsm8k.jsonl:2: no JSON: "),
        (b"[1]", "gsm8k.jsonl:2: no JSON object: get the file as it is published"),
        (b"\xff", "gsm8k.jsonl: cannot be read: "),
        (b"{}", "gsm8k-00001 is not as published: KeyError"),
    ],
    ids=["cut off", "no object", "no text", "other keys"],
)
def test_a_file_that_is_not_as_published_is_the_organisers_to_mend(tmp_path: Path, row: bytes, told: str) -> None:
    lines = [json.dumps(ROWS["gsm8k"](n)).encode() for n in range(130)]
    sources = _of_file(tmp_path, "gsm8k", b"\n".join([lines[0], row, *lines[2:]]))
    with pytest.raises(UsageError, match=told) as raised:
        _ = items_of("gsm8k", "dev", None, sources), items_of("gsm8k", "hidden", SECRET, sources)
    assert "Traceback" not in str(raised.value)
