"""Tasks that are there twice are found whatever their names, and told once for each."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packages import COMPETITION, WORDS, prose, sound_package, with_prompt

from posttrain_arena.core.check.remembered import Memory
from posttrain_arena.core.check.sketch import KEPT_HASHES, hashes, shingles, similarity
from posttrain_arena.core.check.sketch import _smallest as smallest
from posttrain_arena.core.check.survey import Survey, check_all
from posttrain_arena.core.check.targets import find_targets


def package(root: Path, place: str, prompt: str, solution: str = "wc -l /srv/data/poem.txt > /root/a") -> Path:
    folder = with_prompt(sound_package(root / place), prompt)
    (folder / "oracle" / "solve.sh").write_text(f"#!/bin/bash\n{solution}\n")
    return folder


def found(root: Path, *, sample: str = "nothing", examples: str = "nothing") -> list[tuple[str, str, str]]:
    survey = Survey(
        root=root,
        competition=COMPETITION,
        level="structural",
        sample=root / sample,
        examples=root / examples,
        now_ns=0,
        memory=Memory(version=""),
    )
    targets = find_targets([folder for folder in sorted(root.iterdir()) if folder.name not in (sample, examples)])
    subjects = [subject for _, subject in check_all(targets, survey)]
    return [(s.path, f.rule, f.severity) for s in subjects for f in s.findings if f.path.endswith("/task.md")]


def reworded(text: str, share: float) -> str:
    words = text.split()
    for place in range(0, len(words), round(1 / share)):
        words[place] = "otherwise"
    return " ".join(words)


def test_same_task_under_two_names_is_refused_and_told_at_both(tmp_path: Path) -> None:
    package(tmp_path, "team/first-task", prose(1))
    package(tmp_path, "team/second-task", prose(1).upper().replace(" ", "\n"))
    package(tmp_path, "team/third-task", prose(2), "sort /srv/data/poem.txt > /root/sorted.txt")
    assert found(tmp_path) == [
        ("team/first-task", "duplicate-task", "error"),
        ("team/second-task", "duplicate-task", "error"),
    ]


def test_other_data_make_it_a_variant_and_not_the_same(tmp_path: Path) -> None:
    package(tmp_path, "team/first-task", prose(1))
    second = package(tmp_path, "team/second-task", prose(1))
    (second / "environment" / "data" / "poem.txt").write_text("one\ntwo\n")
    assert {rule for _, rule, _ in found(tmp_path)} == {"near-duplicate"}


@pytest.mark.parametrize(("share", "told"), [(0.02, True), (0.2, False)])
def test_nearly_the_same_prompt_is_a_warning(share: float, told: bool, tmp_path: Path) -> None:
    package(tmp_path, "team/first-task", prose(1), "sort a > b")
    package(tmp_path, "team/second-task", reworded(prose(1), share), "tr x y < c > d")
    assert found(tmp_path) == (
        [(f"team/{name}-task", "near-duplicate", "warning") for name in ("first", "second")] if told else []
    )


def test_numbers_make_no_new_task(tmp_path: Path) -> None:
    package(tmp_path, "team/first-task", f"{prose(1)} 17 times")
    package(tmp_path, "team/second-task", f"{prose(1)} 99 times")
    assert {rule for _, rule, _ in found(tmp_path)} == {"near-duplicate"}


def test_same_solution_counts_where_the_prompts_are_alike(tmp_path: Path) -> None:
    long = "\n".join(f"echo {word} >> /root/out.txt" for word in prose(9, 60).split())
    package(tmp_path, "team/first-task", prose(1), long)
    package(tmp_path, "team/second-task", reworded(prose(1), 0.07), long)
    package(tmp_path, "team/third-task", prose(5), long)
    assert [path for path, _, _ in found(tmp_path)] == ["team/first-task", "team/second-task"]


def test_copy_of_another_entry_is_a_warning_for_both(tmp_path: Path) -> None:
    package(tmp_path, "north/some-task", prose(1))
    package(tmp_path, "south/other-task", prose(1))
    assert found(tmp_path) == [
        ("north/some-task", "copy-of-other-entry", "warning"),
        ("south/other-task", "copy-of-other-entry", "warning"),
    ]


@pytest.mark.parametrize("share", [0.0, 0.02])
def test_task_of_the_public_sample_is_refused(share: float, tmp_path: Path) -> None:
    package(tmp_path, "sample/sample-task", prose(1))
    package(tmp_path, "team/own-task", reworded(prose(1), share) if share else prose(1))
    assert found(tmp_path, sample="sample") == [("team/own-task", "public-sample-copy", "error")]


@pytest.mark.parametrize("share", [0.0, 0.02])
def test_example_of_the_kit_is_refused(share: float, tmp_path: Path) -> None:
    package(tmp_path, "examples/example-task", prose(1))
    package(tmp_path, "team/own-task", reworded(prose(1), share) if share else prose(1))
    assert found(tmp_path, examples="examples") == [("team/own-task", "kit-example-copy", "error")]


def test_what_is_in_the_sample_and_in_the_examples_is_told_as_the_sample_s(tmp_path: Path) -> None:
    for place in ("examples/example-task", "sample/sample-task", "team/own-task"):
        package(tmp_path, place, prose(1))
    assert found(tmp_path, sample="sample", examples="examples") == [("team/own-task", "public-sample-copy", "error")]


def test_a_family_of_hundreds_is_told_in_bounded_work(tmp_path: Path) -> None:
    for number in range(120):
        package(tmp_path, f"team/variant-{number:03d}", f"{prose(1)} {WORDS[number % 30]}", f"echo {number}")
    rows = found(tmp_path)
    assert len(rows) == 120
    assert {rule for _, rule, _ in rows} == {"near-duplicate"}


@given(st.sets(st.integers(0, 400)), st.sets(st.integers(0, 400)))
def test_similarity_of_small_sets_is_exact_symmetric_and_bounded(left: set[int], right: set[int]) -> None:
    def text(words: set[int]) -> set[int]:
        return {value * 7919 for value in words}

    mine, other = (smallest(text(words)) for words in (left, right))
    estimate = similarity(mine, other)
    assert estimate == similarity(other, mine)
    assert 0.0 <= estimate <= 1.0
    if left and right and len(left | right) <= KEPT_HASHES:
        assert estimate == len(left & right) / len(left | right)


@pytest.mark.parametrize("seed", range(5))
def test_estimate_lies_within_four_standard_errors(seed: int) -> None:
    draw = random.Random(seed)
    shared, mine, other = (set(draw.sample(range(2**32), size)) for size in (900, 150, 150))
    true = len(shared) / len(shared | mine | other)
    error = (true * (1 - true) / KEPT_HASHES) ** 0.5
    assert abs(similarity(smallest(shared | mine), smallest(shared | other)) - true) < 4 * error


def test_shingles_do_not_look_at_case_punctuation_and_numbers() -> None:
    assert shingles("Count the 17 Lines, now!") == shingles("count THE 3 lines now")
    assert shingles("") == set()
    assert len(hashes(smallest(shingles(prose(3, 2000))))) == KEPT_HASHES
