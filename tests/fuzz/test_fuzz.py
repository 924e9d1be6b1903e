"""A short run of the fuzzers' property; `make fuzz` tries hundreds of thousands."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from arena_input import FILES, Arena, mutated, seeds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    made = Arena()
    yield made
    made.close()


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.randoms(use_true_random=False), raw=st.binary(max_size=300))
def test_no_file_breaks_the_check(arena: Arena, name: str, draw: random.Random, raw: bytes) -> None:
    arena.try_input(name, raw)
    arena.try_input(name, mutated(draw, draw.choice(seeds(name)), raw))


def test_there_is_something_to_start_from() -> None:
    assert {name for name in FILES if any(len(seed) > 20 for seed in seeds(name))} == set(FILES)
