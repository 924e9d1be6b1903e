"""A task family: one package template and the parameters that make distinct packages of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """``choose`` different values of ``values``, in random order, joined by ``join``."""

    choose: int
    values: tuple[str, ...]
    join: str = " "


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The content of ``family.yaml``; beside it lie the template, ``package/``, and perhaps ``data.py``.

    Any two packages differ in at least ``differ`` parameters.
    """

    SCHEMA: ClassVar[str] = "family"

    schema: Literal["family/1"] = "family/1"
    name: str
    description: str
    parameters: dict[str, Parameter]
    differ: int = 1
