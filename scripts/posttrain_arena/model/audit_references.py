"""What an audit compares with: known models, their scores, and hosts that no agent may call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownScore:
    """A published score of a known model on a benchmark, over so many items."""

    benchmark: str
    score: float
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """A model made of ``base_model`` by others. ``path`` has its safetensors, beside this file or absolute.

    ``tensors`` has the SHA-256 of tensors by name, of their bytes or of their values as BF16, for who has the list and
    not the weights. ``honest_projection`` is the largest projection on its step that was seen in training from the
    base. ``evaluation`` is the path of its own evaluation, made as those of runs are.
    """

    name: str
    base_model: str
    path: str | None = None
    tensors: dict[str, str]
    honest_projection: float = 0.05
    evaluation: str | None = None
    scores: tuple[KnownScore, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReferences:
    """``forbidden_hosts`` are names or ``*.domain``; calling one is an incident even where the proxy let it through."""

    SCHEMA: ClassVar[str] = "audit-references"

    schema: Literal["audit-references/1"] = "audit-references/1"
    models: tuple[KnownModel, ...]
    forbidden_hosts: tuple[str, ...] = ()
