"""A sketch of a package: a few kilobytes by which duplicates are found among thousands of packages.

A sketch is MinHash in its bottom-k form (Broder, "On the resemblance and containment of documents", 1997): of the
hashes of all shingles of a text, the k smallest. The share of the k smallest of a union that lie in both estimates the
Jaccard similarity of the two texts, with a standard error of sqrt(J(1-J)/k); of texts with fewer than k shingles it is
exact.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from posttrain_arena.core.check.draft import Draft

SHINGLE_TOKENS = 4
KEPT_HASHES = 128
"""At a similarity of 0.8 the standard error is 0.035."""

MAX_SKETCHED_CHARS = 100_000
"""Of each part; longer texts are sketched by their beginning."""

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_MIX = 2654435761
"""Knuth's multiplier: crc32 is linear, its products are spread evenly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """``whole`` is equal for packages that differ in white space and letter case of prompt and code alone.

    ``prompt`` and ``solution`` are ascending 32-bit hashes, at most KEPT_HASHES each.
    """

    whole: bytes
    prompt: bytes
    solution: bytes


def sketch_of(draft: Draft) -> Sketch | None:
    """Return the sketch of a package, None where it cannot be read as a whole."""
    prompt = draft.task.markdown.section("prompt") if draft.task.markdown else None
    if not prompt or draft.digest is None:
        return None
    names = sorted(draft.listing.files("oracle/"))
    solution = "\n".join(draft.lenient(name) for name in names)
    return Sketch(
        whole=_whole(draft, prompt),
        prompt=_smallest(shingles(prompt)),
        solution=_smallest(shingles(solution)),
    )


def shingles(text: str) -> set[int]:
    """Return the hashes of every SHINGLE_TOKENS neighbouring words of a text; numbers count as equal."""
    tokens = ["0" if token[0].isdigit() else token for token in _TOKEN.findall(text[:MAX_SKETCHED_CHARS].casefold())]
    words = " ".join(tokens).encode().split()
    length = min(SHINGLE_TOKENS, max(len(words), 1))
    grams = map(b" ".join, zip(*(words[start:] for start in range(length)), strict=False))
    return {crc32(gram) * _MIX & 0xFFFFFFFF for gram in grams}


def hashes(part: bytes) -> array[int]:
    """Return the hashes of one part of a sketch, ascending."""
    found = array("I")
    found.frombytes(part)
    return found


def similarity(left: bytes, right: bytes) -> float:
    """Return the estimated Jaccard similarity of two parts; 0.0 where one is empty."""
    if not left or not right:
        return 0.0
    mine, other = set(hashes(left)), set(hashes(right))
    union = sorted(mine | other)[:KEPT_HASHES]
    return sum(value in mine and value in other for value in union) / len(union)


def _smallest(values: Iterable[int]) -> bytes:
    return array("I", sorted(values)[:KEPT_HASHES]).tobytes()


def _whole(draft: Draft, prompt: str) -> bytes:
    digest = hashlib.blake2b(_squeezed(prompt), digest_size=16)
    for name in draft.listing.files():
        if name.startswith(("verifier/", "oracle/")) and not name.endswith(".md"):
            text = _squeezed(draft.lenient(name))
            digest.update(f"\n{name}\n{len(text)}\n".encode("utf-8", "surrogatepass"))
            digest.update(text or draft.contents.hashes[name].encode())
        elif name.startswith("environment/"):
            digest.update(f"\n{name}\n{draft.contents.hashes[name]}".encode("utf-8", "surrogatepass"))
    return digest.digest()


def _squeezed(text: str) -> bytes:
    return "".join(text.casefold().split()).encode("utf-8", "surrogatepass")
