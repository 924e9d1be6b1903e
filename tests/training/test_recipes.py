"""Recipes: every file of the repository holds, and nothing unknown or out of bounds gets through."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from posttrain_arena.core.training.recipes import MAX_DEPTH, read_recipe
from posttrain_arena.errors import DocumentError
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import Recipe

FOLDER = documents.REPOSITORY_ROOT / "sky" / "recipes"
RECIPES = sorted(FOLDER.glob("*.yaml"))
TINY = documents.to_document(read_recipe(FOLDER / "tiny.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_carries_its_file_name_and_explains_its_sections(path: Path) -> None:
    assert read_recipe(path).name == path.stem
    assert "#" in path.read_text(encoding="utf-8")


def test_the_digest_depends_on_values_and_on_nothing_else(tmp_path: Path) -> None:
    rewritten = tmp_path / "tiny.yaml"
    rewritten.write_bytes(documents.encode(TINY))  # JSON is YAML: other order, no comments
    assert documents.digest(documents.to_document(read_recipe(rewritten))) == documents.digest(TINY)
    assert documents.digest(_changed("sft", "steps", 7)) != documents.digest(TINY)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("grpo", "learning_rte", 1e-3),
        ("extra", "x", 1),
        ("grpo", "generations", 1),
        ("grpo", "learning_rate", 0),
        ("sft", "steps", "many"),
        ("lora", "rank", 0),
        ("rollout", "isolation", "shared"),
        ("model", "hub", {"repo": "Qwen/Qwen3-8B", "revision": "0" * 40, "context": 1}),  # beside an embedded one
        ("model", "embedded", None),
        ("server", "backend", "sglang"),
        ("server", "devices", [0]),  # the arena's own server has no use for GPUs
        ("server", "memory_fraction", 0.5),  # nor a CPU for its share of one
        ("server", "tensor_parallel", 2),
        ("server", "sync_tolerance", 0),
    ],
)
def test_unknown_keys_and_impossible_values_are_refused_where_they_stand(section: str, key: str, value: Any) -> None:
    with pytest.raises(DocumentError, match=rf"^recipe\.yaml: .*({section}|{key})"):
        documents.from_document(Recipe, _changed(section, key, value), where="recipe.yaml")


@pytest.mark.parametrize("section", sorted(TINY))
def test_no_section_may_be_left_out(section: str) -> None:
    doc = {name: value for name, value in TINY.items() if name != section}
    with pytest.raises(DocumentError, match=section):
        documents.from_document(Recipe, doc, where="recipe.yaml")


def test_vllm_on_gpus_needs_its_share_of_them() -> None:
    served = {"backend": "vllm", "devices": [0, 1], "tensor_parallel": 2, "memory_fraction": 0.9}
    doc = {**TINY, "server": {**TINY["server"], **served}}
    assert documents.from_document(Recipe, doc, where="recipe.yaml").server.devices == (0, 1)
    for name in ("tensor_parallel", "memory_fraction"):
        without = {**doc, "server": {**doc["server"], name: None}}
        with pytest.raises(DocumentError, match=f"server/{name}"):
            documents.from_document(Recipe, without, where="recipe.yaml")


def test_a_branch_is_no_revision() -> None:
    doc = {**TINY, "model": {"hub": {"repo": "Qwen/Qwen3-8B", "revision": "main", "context": 8192}}}
    with pytest.raises(DocumentError, match="main"):
        documents.from_document(Recipe, doc, where="recipe.yaml")


def test_an_override_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    read = documents.to_document(_overriding(tmp_path, {"grpo": {"steps": 3}, "lora": {"rank": 8}}))
    expected = copy.deepcopy(TINY)
    expected["name"] = "other"
    expected["grpo"]["steps"] = 3
    expected["lora"]["rank"] = 8
    assert read == expected


def test_an_override_may_extend_an_override(tmp_path: Path) -> None:
    _write(tmp_path / "middle.yaml", {"grpo": {"steps": 3, "generations": 4}}, extends="tiny")
    read = _overriding(tmp_path, {"grpo": {"steps": 5}}, extends="middle")
    assert (read.grpo.steps, read.grpo.generations, read.grpo.beta) == (5, 4, TINY["grpo"]["beta"])


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ({"grpo": {"stepz": 3}}, "override/grpo/stepz: tiny has no such setting: did you mean 'steps'?"),
        ({"gripo": {"steps": 3}}, "override/gripo: tiny has no such setting: did you mean 'grpo'?"),
        ({"sft": {"steps": TINY["sft"]["steps"]}}, "override/sft/steps: is 30 in tiny already: leave it out"),
        ({"grpo": {"steps": 0}}, "grpo/steps: 0 is less than the minimum of 1"),
        ({"grpo": 3}, "grpo: 3 is not of type 'object'"),
        ({"name": "mine"}, "override/name: tiny has no such setting"),
        ({}, "override: "),
    ],
)
def test_an_override_that_says_nothing_or_too_much_is_refused(
    tmp_path: Path, override: dict[str, Any], said: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        _overriding(tmp_path, override)
    assert said in str(caught.value)
    assert str(tmp_path / "other.yaml") in str(caught.value)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ({"sft": {"select": "validation"}}, "sft/select: 'validation' needs sft/validation_share"),
        ({"sft": {"validation_share": 0.1}}, "sft/validation_share: keeps tasks out that nothing measures"),
        ({"sft": {"max_length": 513}}, "sft/max_length: 513 is more than the model's context of 512"),
        ({"grpo": {"max_staleness": 1}}, "grpo/max_staleness: rollouts of an older policy need grpo/importance_cap"),
        (
            {"grpo": {"importance_cap": 2.0}, "rollout": {"temperature": 0.7}},
            "grpo/importance_cap: needs rollout/temperature 1.0",
        ),
        ({"trainer": {"processes": 2, "backend": "unsloth"}}, "trainer/processes: Unsloth trains in one process"),
        ({"trainer": {"processes": 7}}, "trainer/processes: 7 do not part a step of GRPO evenly"),
        ({"trainer": {"sharding": "fsdp"}}, "trainer/sharding: parts weights among processes, of which there is one"),
        (
            {"trainer": {"sharding": "fsdp", "processes": 2}, "sft": {"batch_size": 15}},
            "trainer/processes: 2 do not part a batch of SFT evenly",
        ),
        (
            {"trainer": {"sharding": "fsdp", "processes": 2, "backend": "unsloth"}},
            "trainer/processes: Unsloth trains in one process",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(tmp_path: Path, override: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(said)):
        _overriding(tmp_path, override)


def test_recipes_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    _write(tmp_path / "middle.yaml", {"grpo": {"steps": 3}}, extends="other")
    with pytest.raises(DocumentError, match=f"more than {MAX_DEPTH} recipes in a row"):
        _overriding(tmp_path, {"grpo": {"steps": 5}}, extends="middle")


def test_a_recipe_that_extends_nothing_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"gone\.yaml: cannot be read"):
        _overriding(tmp_path, {"grpo": {"steps": 5}}, extends="gone")


def _overriding(folder: Path, override: dict[str, Any], *, extends: str = "tiny") -> Recipe:
    (folder / "tiny.yaml").write_bytes(documents.encode(TINY))
    _write(folder / "other.yaml", override, extends=extends)
    return read_recipe(folder / "other.yaml")


def _write(path: Path, override: dict[str, Any], *, extends: str) -> None:
    doc = {"schema": "recipe-override/1", "name": path.stem, "extends": extends, "override": override}
    path.write_bytes(documents.encode(doc))


def _changed(section: str, key: str, value: Any) -> dict[str, Any]:
    doc = copy.deepcopy(TINY)
    doc.setdefault(section, {})[key] = value
    return doc
