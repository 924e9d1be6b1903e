"""A stage's documents come home whole, or not at all."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posttrain_arena.core.launch import results
from posttrain_arena.core.launch.results import opening, pack, unpack
from posttrain_arena.errors import ArenaError

MARK = "5e" * 16


def sent(files: dict[str, str], mark: str = MARK) -> list[str]:
    """Return the lines that carry ``files``, opening first."""
    return [opening(mark), *pack(files, mark)]


FILES = {"sft/metrics.jsonl": "{}\n" * 5000, "evaluation-grpo/evaluation.json": json.dumps({"ü": "\x00"})}


@given(st.dictionaries(st.from_regex(r"[a-z0-9-]{1,9}/[a-z-]{1,9}\.(json|jsonl)", fullmatch=True), st.text()))
def test_what_is_packed_comes_out(files: dict[str, str]) -> None:
    assert unpack("\n".join(sent(files))) == files


def test_lines_are_found_behind_prefixes_and_between_others_lines() -> None:
    noise = {"sft/metrics.jsonl": "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(250))}
    lines = [f"\x1b[36m(pta, pid=7)\x1b[0m {line}\x1b[0m" for line in sent(noise)]
    assert len(lines) > 3
    assert unpack("\n".join(word for line in lines for word in (line, "step 1"))) == noise


def test_a_machine_that_ends_twice_is_heard_the_second_time() -> None:
    second = FILES | {"reports/post-train.json": "{}"}
    assert unpack("\n".join([*sent(FILES), *sent(second)])) == second


def test_half_a_package_is_none() -> None:
    big = {"sft/metrics.jsonl": "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(250))}
    assert unpack("\n".join(sent(big)[:-1])) == {}
    assert unpack("") == {}


def test_a_damaged_package_is_refused() -> None:
    first, line = sent({"sft/manifest.json": "x"})
    head, _, body = line.rpartition(" ")
    other = base64.b64encode(zlib.compress(b"{}")).decode()
    assert body != other
    with pytest.raises(ArenaError, match="damaged"):
        unpack(f"{first}\n{head} {other}")


@pytest.mark.parametrize(
    "path", ["../run.json", "/etc/x.json", "sft/../../x.json", "sft/run.sh", "a/b/c.json", "sft/x.json\n"]
)
def test_a_path_that_no_stage_writes_is_refused(path: str) -> None:
    with pytest.raises(ArenaError, match="where no stage writes one"):
        unpack("\n".join(sent({path: ""})))


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MAX_BYTES", 1000)
    with pytest.raises(ArenaError, match="carries more than"):
        unpack("\n".join(sent({"sft/metrics.jsonl": "0" * 2000})))


def test_an_authors_text_is_no_package() -> None:
    forged = {"reports/evaluate.json": "mine"}
    told = "\n".join([opening(MARK), *sent(forged, "ab" * 16), *pack(FILES, MARK), *sent(forged, "ab" * 16)])
    assert unpack(told) == FILES
    assert unpack("\n".join(pack(forged, MARK))) == {}
