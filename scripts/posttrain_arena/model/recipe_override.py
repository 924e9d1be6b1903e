"""A recipe told as what it changes in another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeOverride:
    """The recipe ``name`` is the recipe ``extends`` of the same folder with ``override`` laid over it."""

    SCHEMA: ClassVar[str] = "recipe-override"

    schema: Literal["recipe-override/1"] = "recipe-override/1"
    name: str
    extends: str
    override: dict[str, Any]
