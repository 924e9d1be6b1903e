"""Read a recipe, whole or told as what it changes in another one."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from posttrain_arena.errors import DocumentError
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.recipe_override import RecipeOverride

_OVERRIDE = "recipe-override/1"
MAX_DEPTH = 4
"""Overrides of overrides: whoever reads a recipe has to open so many files."""


def read_recipe(path: Path) -> Recipe:
    """Return the recipe of a file with everything that it extends filled in.

    Raises DocumentError with file and setting where an override names one that the other recipe does not have, or
    changes nothing, and where the result is no recipe.
    """
    recipe = documents.from_document(Recipe, _whole(path, MAX_DEPTH), where=str(path))
    for contradiction in (*_of_processes(recipe), *_contradictions(recipe)):
        raise DocumentError(f"{path}: {contradiction}")
    return recipe


def _of_processes(recipe: Recipe) -> Iterator[str]:
    sft, grpo, trainer = recipe.sft, recipe.grpo, recipe.trainer
    if trainer.processes > 1 and trainer.backend == "unsloth":
        yield "trainer/processes: Unsloth trains in one process: write backend trl, or processes 1"
    if trainer.sharding != "none" and trainer.processes == 1:
        yield "trainer/sharding: parts weights among processes, of which there is one: write none, or more processes"
    if trainer.sharding != "none" and sft.batch_size % trainer.processes:
        yield f"trainer/processes: {trainer.processes} do not part a batch of SFT evenly (sft/batch_size)"
    if grpo.tasks_per_step * grpo.generations % trainer.processes:
        yield f"trainer/processes: {trainer.processes} do not part a step of GRPO evenly (tasks_per_step * generations)"


def _contradictions(recipe: Recipe) -> Iterator[str]:
    sft, grpo = recipe.sft, recipe.grpo
    if sft.select == "validation" and not (sft.validation_share and sft.evaluate_every):
        yield "sft/select: 'validation' needs sft/validation_share above 0 and sft/evaluate_every"
    if sft.validation_share and not sft.evaluate_every:
        yield "sft/validation_share: keeps tasks out that nothing measures: set sft/evaluate_every, or 0.0 here"
    if sft.max_length > recipe.model.context:
        yield f"sft/max_length: {sft.max_length} is more than the model's context of {recipe.model.context}"
    if grpo.max_staleness and grpo.importance_cap is None:
        yield "grpo/max_staleness: rollouts of an older policy need grpo/importance_cap to be corrected"
    if grpo.importance_cap is not None and recipe.rollout.temperature != 1.0:
        yield "grpo/importance_cap: needs rollout/temperature 1.0, of which the servers' log-probabilities are"


def _whole(path: Path, depth: int) -> dict[str, Any]:
    try:
        doc = documents.parse_text(path.read_text(encoding="utf-8"), where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path}: cannot be read: {error}") from error
    if not isinstance(doc, dict) or doc.get("schema") != _OVERRIDE:
        return documents.to_document(documents.from_document(Recipe, doc, where=str(path)))
    told = documents.from_document(RecipeOverride, doc, where=str(path))
    if depth == 0:
        raise DocumentError(f"{path}: extends: more than {MAX_DEPTH} recipes in a row: extend one that is whole")
    base = _whole(path.with_name(f"{told.extends}{path.suffix}"), depth - 1)
    settings = {key: value for key, value in base.items() if key not in ("schema", "name")}
    merged = _laid_over(settings, told.override, f"{path}: override", told.extends)
    return {"schema": base["schema"], "name": told.name, **merged}


def _laid_over(base: Mapping[str, Any], change: Mapping[str, Any], where: str, name: str) -> dict[str, Any]:
    merged = dict(base)
    for key, value in change.items():
        if key not in base:
            close = difflib.get_close_matches(str(key), base, n=1)
            meant = f": did you mean {close[0]!r}?" if close else f": it has {', '.join(base)}"
            raise DocumentError(f"{where}/{key}: {name} has no such setting{meant}")
        before = base[key]
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = _laid_over(before, value, f"{where}/{key}", name)
        elif value == before:
            raise DocumentError(f"{where}/{key}: is {before!r} in {name} already: leave it out")
        else:
            merged[key] = value
    return merged
