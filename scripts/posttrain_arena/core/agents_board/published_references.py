"""Read the scores of base models, official instruct models and few-shot prompting from published tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product, takewhile

from posttrain_arena.core.agents_board.published_tables import Line, Table, read_table, score_of
from posttrain_arena.core.agents_board.weights import Scores
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_references import AgentsReferences, ReferenceKind, ReferenceScore

KINDS: dict[str, ReferenceKind] = {"base_zeroshot": "base", "official_instruct": "instruct", "base_fewshot": "few-shot"}
"""The column ``kind`` of a file that has base models, instruct models and few-shot prompting in one table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The scores of the models that are there to compare with; ``benchmarks`` in the order of the file."""

    benchmarks: tuple[str, ...]
    base: Scores
    instruct: Scores
    few_shot: Scores


def read_references(text: str, *, base_models: Collection[str] = (), where: str) -> References:
    """Read base, instruct and few-shot rows.

    Without a column ``kind`` the ``base_models`` tell base from instruct models. Raises UsageError where there are more
    instruct than base models or a base score is missing, on which cells fall back, and for a row that is there twice.
    """
    table = read_table(text, where=where)
    benchmarks = tuple(name for name in table.columns if name not in ("model", "kind"))
    found: dict[ReferenceKind, dict[str, dict[str, float]]] = {"base": {}, "instruct": {}, "few-shot": {}}
    for line in table.lines:
        _add(found[_kind(line, base_models)], line, benchmarks)
    if not found["base"] or len(found["base"]) < len(found["instruct"]):
        raise UsageError(_too_few(table, found))
    if missing := [(model, name) for model, row in found["base"].items() for name in benchmarks if name not in row]:
        raise UsageError(f"{where}: the base score of {missing[0][0]} on {missing[0][1]} is missing: add it")
    return References(benchmarks=benchmarks, base=found["base"], instruct=found["instruct"], few_shot=found["few-shot"])


def read_few_shot(text: str, known: References, *, where: str) -> Scores:
    """Read a table of few-shot scores of the base models."""
    table = read_table(text, where=where)
    benchmarks = tuple(name for name in table.columns if name not in ("model", "kind"))
    if unknown := [name for name in benchmarks if name not in known.benchmarks]:
        raise UsageError(f"{where}: {', '.join(unknown)}: no such benchmark in the baselines: add its scores there")
    found: dict[str, dict[str, float]] = {}
    for line in table.lines:
        if "kind" in line.cells and _kind(line, ()) != "few-shot":
            raise UsageError(f"{line.where}: kind {line.cells['kind']!r}: only base_fewshot belongs here")
        if line.cells["model"] not in known.base:
            raise UsageError(f"{line.where}: {line.cells['model']}: no such base model")
        _add(found, line, benchmarks)
    return found


def as_document(found: References) -> AgentsReferences:
    """Return the references of a board; an instruct model stands beside the base model whose name is most alike."""
    pairs = instruct_of(found)
    tables: tuple[tuple[ReferenceKind, Scores, Mapping[str, str]], ...] = (
        ("base", found.base, {name: name for name in found.base}),
        ("instruct", {base: found.instruct[name] for base, name in pairs.items()}, pairs),
        ("few-shot", found.few_shot, {name: name for name in found.few_shot}),
    )
    return AgentsReferences(
        scores=tuple(
            ReferenceScore(kind=kind, model=names[base], base_model=base, benchmark=benchmark, score=score)
            for kind, table, names in tables
            for base, row in table.items()
            for benchmark, score in row.items()
        )
    )


def instruct_of(found: References) -> dict[str, str]:
    """Return base model → instruct model: those first whose names have the longest beginning in common."""
    pairs: dict[str, str] = {}
    for base, name in sorted(product(found.base, found.instruct), key=lambda pair: -_alike(*pair)):
        if base not in pairs and name not in pairs.values():
            pairs[base] = name
    return {base: pairs[base] for base in found.base if base in pairs}


def _alike(one: str, other: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))


def _kind(line: Line, base_models: Collection[str]) -> ReferenceKind:
    kind = line.cells.get("kind")
    if kind is None:
        return "base" if line.cells["model"] in base_models else "instruct"
    if kind not in KINDS:
        raise UsageError(f"{line.where}: kind {kind!r}: write one of {', '.join(KINDS)}")
    return KINDS[kind]


def _add(rows: dict[str, dict[str, float]], line: Line, benchmarks: Collection[str]) -> None:
    """Add the scores of a row; what has no number is left out."""
    model = line.cells["model"]
    if model in rows:
        raise UsageError(f"{line.where}: {model} is there twice: keep one row")
    scores = {name: score_of(line.cells[name], where=f"{line.where}: {name}").number for name in benchmarks}
    rows[model] = {name: value for name, value in scores.items() if value is not None}


def _too_few(table: Table, found: Mapping[ReferenceKind, Scores]) -> str:
    """Return what to do about a table without base models, or with more instruct models than these."""
    base, instruct = (f"{', '.join(found[kind]) or 'none'}" for kind in ("base", "instruct"))
    said = f"{table.where}: base models: {base}; instruct models: {instruct}: each of these needs its base model"
    if "kind" in table.columns:
        return f"{said}: add the rows that are missing"
    return f"{said}: the table has no column `kind`: name the base models with --base-models or --few-shot FILE"
