"""Compare the mended files with the tokenizer as it was, and the encoded texts with what it makes of them."""

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest

MENDED = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "mended"
ORIGINAL = Path(__file__).parent / "data"
DAMAGED = Path("/srv/tokenizer")
VERSION = "#version: 0.2"


def characters():
    """Return byte → the character that stands for it."""
    found, shifted = {}, 256
    for byte in range(256):
        stands = 33 <= byte <= 126 or 161 <= byte <= 172 or byte >= 174
        found[byte] = chr(byte if stands else shifted)
        shifted += not stands
    return found


CHARACTERS = characters()


def read_vocab(text):
    """Return the vocabulary in a text; a token that is there twice, or an id that is no whole number, fails the test."""
    pairs = json.loads(text, object_pairs_hook=list)
    assert isinstance(pairs, list), "the vocabulary is no object"
    assert all(isinstance(pair, tuple) and type(pair[1]) is int for pair in pairs), "an id is no whole number"
    assert len({token for token, _ in pairs}) == len(pairs), "a token is there twice"
    return dict(pairs)


def read_merges(text):
    """Return the merges in a text, in order."""
    first, *lines = text.rstrip("\n").split("\n")
    assert first.rstrip("\r") == VERSION, f"the first line must be {VERSION}"
    pairs = [tuple(line.rstrip("\r").split(" ")) for line in lines]
    assert all(len(pair) == 2 for pair in pairs), "a merge has two parts with one space between"
    return pairs


def objects(text):
    """Return the object on each line of a text."""
    return [json.loads(line) for line in text.split("\n") if line.strip()]


VOCAB = read_vocab((ORIGINAL / "vocab.json").read_text(encoding="utf-8"))
LEARNED = read_merges((ORIGINAL / "merges.txt").read_text(encoding="utf-8"))
CONFIG = json.loads((DAMAGED / "config.json").read_text(encoding="utf-8"))


@cache
def piece_ids(piece):
    """Return the ids of a piece. A part is older than the merges that use it, so each merge has its turn but once."""
    parts = [CHARACTERS[byte] for byte in piece.encode("utf-8")]
    for left, right in LEARNED:
        if left in parts:
            joined = []
            for part in parts:
                if joined and joined[-1] == left and part == right:
                    joined[-1] = left + right
                else:
                    joined.append(part)
            parts = joined
    return [VOCAB[part] for part in parts]


def ids_of(text):
    """Return the ids of a text."""
    special, found = CONFIG["special_token"], []
    for part in re.split(f"({re.escape(special)})", text):
        pieces = [] if part == special else re.findall(CONFIG["pattern"], part)
        found += [VOCAB[special]] if part == special else []
        found += [number for piece in pieces for number in piece_ids(piece)]
    return found


def written(name):
    """Return the text of a file that the agent wrote; whatever else lies there fails the test."""
    path = MENDED / name
    assert not MENDED.is_symlink() and path.is_file() and not path.is_symlink(), f"{path} is missing"
    assert path.stat().st_size < 200_000, f"{path} is far too long"
    return path.read_text(encoding="utf-8")


def test_the_agent_was_given_this_tokenizer():
    """What is left in the damaged files is as it was, and the corpus has its ids: otherwise the task would be unfair."""
    kept = read_vocab((DAMAGED / "vocab.json").read_text(encoding="utf-8"))
    left = read_merges((DAMAGED / "merges.txt").read_text(encoding="utf-8"))
    assert kept.items() < VOCAB.items()
    assert set(left) < set(LEARNED)
    assert all(ids_of(line["text"]) == line["ids"] for line in objects((DAMAGED / "corpus.jsonl").read_text("utf-8")))


def test_vocabulary_has_every_token():
    found = read_vocab(written("vocab.json"))
    assert sorted(found.items()) == sorted(VOCAB.items())


def test_merges_are_complete():
    assert sorted(read_merges(written("merges.txt"))) == sorted(LEARNED)


def test_merges_are_in_order():
    assert read_merges(written("merges.txt")) == LEARNED


@pytest.mark.parametrize(
    "line", objects((DAMAGED / "new.jsonl").read_text(encoding="utf-8")), ids=lambda line: line["name"]
)
def test_new_text_is_encoded(line):
    found = [entry for entry in objects(written("encoded.jsonl")) if entry["name"] == line["name"]]
    assert len(found) == 1, f"{line['name']} is not there once"
    assert all(type(number) is int for number in found[0]["ids"])
    assert found[0]["ids"] == ids_of(line["text"])


def test_nothing_else_is_encoded():
    names = [line["name"] for line in objects((DAMAGED / "new.jsonl").read_text(encoding="utf-8"))]
    assert sorted(entry["name"] for entry in objects(written("encoded.jsonl"))) == sorted(names)
