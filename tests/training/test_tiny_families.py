"""The families of the tiny model: valid packages, all different, and no package of one split in the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import InMemoryEngine

from posttrain_arena.cli.main import main
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.read import check_package
from posttrain_arena.core.families import Draw, Split, render_family
from posttrain_arena.core.trial.agents import Noop, StepwiseOracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.tree import tree_digest

NAMES = ("copy-colour", "copy-word")
SPLITS: tuple[Split, ...] = ("train", "held-out")
COMPETITION = read_competition(REPOSITORY_ROOT / "competition.yaml")


def _render(name: str, out: Path, *, split: Split = "train", count: int = 12, seed: int = 0) -> list[Path]:
    return render_family(FAMILIES / name, Draw(split=split, count=count, seed=seed), out=out)


def _content(package: Path) -> str:
    """What makes a package the one it is: every file but the name of the folder it lies in."""
    return tree_digest(package)


@pytest.mark.parametrize("name", NAMES)
def test_packages_are_valid_and_tell_their_family(name: str, tmp_path: Path) -> None:
    for package in _render(name, tmp_path / "envs", count=4):
        checked = check_package(package, root=tmp_path, competition=COMPETITION, level="structural")
        assert checked.findings == ()
        assert checked.package is not None
        assert name in checked.package.tags
        assert "{{" not in "".join(path.read_text() for path in package.rglob("*") if path.is_file())
        assert not any("{{" in path.name for path in package.rglob("*"))


@pytest.mark.parametrize("name", NAMES)
def test_the_oracle_passes_and_doing_nothing_does_not(name: str, tmp_path: Path) -> None:
    package = check_package(
        _render(name, tmp_path, count=1)[0], root=tmp_path, competition=COMPETITION, level="schema"
    ).package
    assert package is not None
    shown = run_trial(TrialRequest(task=package, agent=StepwiseOracle()), InMemoryEngine())
    idle = run_trial(TrialRequest(task=package, agent=Noop()), InMemoryEngine())
    assert (shown.reward, shown.exit_reason) == (1.0, "submitted")
    assert idle.reward == 0.0
    assert replace(shown, trajectory=()).passed


@pytest.mark.parametrize("name", NAMES)
def test_packages_differ_within_and_across_splits_whatever_the_seeds(name: str, tmp_path: Path) -> None:
    made = {
        (split, seed): [_content(path) for path in _render(name, tmp_path / f"{split}-{seed}", split=split, seed=seed)]
        for split in SPLITS
        for seed in (0, 1, 2)
    }
    assert all(len(set(digests)) == 12 for digests in made.values())
    train = {digest for (split, _), digests in made.items() if split == "train" for digest in digests}
    held_out = {digest for (split, _), digests in made.items() if split == "held-out" for digest in digests}
    assert train.isdisjoint(held_out)


def test_the_same_seed_gives_the_same_packages_and_another_seed_others(tmp_path: Path) -> None:
    name = NAMES[0]
    once, again, other = (
        [_content(path) for path in _render(name, tmp_path / folder, seed=seed)]
        for folder, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert once == again
    assert once != other


def test_a_family_that_is_used_up_says_how_many_it_has(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gives only \d+ packages of split 'train', not 9999"):
        _render(NAMES[0], tmp_path, count=9999)


def test_new_env_writes_packages_and_names_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "env", "--family", NAMES[0], "--count", "2", "--out", str(tmp_path)]) == 0
    printed = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == sorted(tmp_path.iterdir())
    assert len(printed) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--family", "../.."), "no such family: choose one of"), (("--family", NAMES[0], "--count", "0"), "at least 1")],
    ids=["unknown family", "no package"],
)
def test_new_env_explains_what_it_cannot_make(
    arguments: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "env", *arguments, "--out", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
