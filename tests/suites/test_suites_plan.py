"""``arena plan --sealed`` pins the sealed suite by the root that competition.yaml has published."""

from __future__ import annotations

from pathlib import Path

import pytest
from sealed_suites import rules

from posttrain_arena.cli import plan
from posttrain_arena.cli.main import main
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job, SuiteRef
from posttrain_arena.model.recipe import Recipe

RECIPE = documents.REPOSITORY_ROOT / "sky" / "recipes" / "tiny-short.yaml"
MANIFEST = "team_name: North\ntrack: environments\ncontact_email: a@example.org\nlicense: MIT\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with one entry."""
    entry = tmp_path / "tree" / "submissions" / "team-north"
    render_family(FAMILIES / "copy-word", Draw(split="train", count=1, seed=0), out=entry / "envs")
    (entry / "submission.yaml").write_text(MANIFEST, encoding="utf-8")
    return tmp_path / "tree"


def planned(tree: Path, out: Path, *more: str) -> int:
    words = ["--tree", str(tree), "--entry", "submissions/team-north", "--recipe", str(RECIPE), "--out", str(out)]
    return main(["plan", *words, *more])


def test_a_job_for_the_sealed_suite_has_its_root(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "COMPETITION", rules(tmp_path / "c.yaml", tasks=6, per_domain=2, root="a" * 64))
    assert planned(tree, tmp_path / "out", "--sealed") == 0
    job = documents.read_document(tmp_path / "out" / "job.json", Job)
    assert job.suite == SuiteRef(name="sealed", digest="sha256:" + "a" * 64)


def test_the_competitions_own_recipe_is_what_an_entry_is_trained_by(tree: Path, tmp_path: Path) -> None:
    assert main(["plan", "--tree", str(tree), "--entry", "submissions/team-north", "--out", str(tmp_path / "out")]) == 0
    name = read_competition(plan.COMPETITION).baseline.recipe
    assert documents.read_document(tmp_path / "out" / "recipe.json", Recipe).name == name


def test_without_a_recipe_of_the_competition_one_must_be_named(tree: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    text = plan.COMPETITION.read_text(encoding="utf-8").replace("recipe: qwen3-8b", "recipe: null")
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(plan, "COMPETITION", tmp_path / "c.yaml")
    assert main(["plan", "--tree", str(tree), "--entry", "submissions/team-north", "--out", str(tmp_path / "out")]) == 2
    assert "baseline/recipe is null" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("track", ["environments", "skills"])
def test_a_job_off_the_published_analysis_is_refused(
    track: str, tree: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    manifest = tree / "submissions" / "team-north" / "submission.yaml"
    manifest.write_text(MANIFEST.replace("environments", track), encoding="utf-8")
    text = plan.COMPETITION.read_text(encoding="utf-8").replace("\n  trials_per_task: 4\n", "\n  trials_per_task: 8\n")
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(plan, "COMPETITION", tmp_path / "c.yaml")
    assert main(["plan", "--tree", str(tree), "--entry", "submissions/team-north", "--out", str(tmp_path / "out")]) == 2
    assert "evaluation/trials_per_task is 4, the published analysis has 8" in capsys.readouterr().err


def test_before_a_suite_is_sealed_there_is_no_job_for_it(tree: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(plan, "COMPETITION", rules(tmp_path / "c.yaml", tasks=6, per_domain=2))
    assert planned(tree, tmp_path / "out", "--sealed") == 2
    assert "suites/sealed/root is null: seal the suite first (arena suite seal)" in capsys.readouterr().err
