"""Add a model of others to what audits compare with, for `arena agents known-model`."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from posttrain_arena.adapters.safetensors_files import Tensors
from posttrain_arena.core.audit.same_tensors import listed
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.audit_references import AuditReferences, KnownModel, KnownScore
from posttrain_arena.model.documents import read_document, write_document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", metavar="DIR", type=Path, help="folder with the model's safetensors")
    parser.add_argument("--base-model", required=True, metavar="NAME", help="name of the base model in runs")
    parser.add_argument("--name", default="", help="the model's name (default: that of its folder)")
    parser.add_argument("--evaluation", type=Path, metavar="FILE", help="what `arena agents reference` wrote of it")
    parser.add_argument("--references", type=Path, required=True, metavar="FILE", help="the document, which may be new")
    parser.add_argument(
        "--digests-only", action="store_true", help="list digests of its tensors, for auditors without the weights"
    )


def run(arguments: argparse.Namespace) -> int:
    """Add the model; raises UsageError for one that is there already."""
    path: Path = arguments.references
    known = read_document(path, AuditReferences) if path.exists() else AuditReferences(models=())
    model = _model(arguments)
    if any((one.name, one.base_model) == (model.name, model.base_model) for one in known.models):
        raise UsageError(f"{path}: has {model.name} of {model.base_model} already: take it out to add it anew")
    write_document(path, replace(known, models=(*known.models, model)))
    print(f"added {model.name} to {path}")
    return 0


def _model(arguments: argparse.Namespace) -> KnownModel:
    weights = Tensors(arguments.model)
    return KnownModel(
        name=arguments.name or arguments.model.resolve().name.lower(),
        base_model=arguments.base_model,
        path=None if arguments.digests_only else _beside(arguments.model, arguments.references),
        tensors=listed(weights) if arguments.digests_only else {},
        evaluation=_beside(arguments.evaluation, arguments.references) if arguments.evaluation else None,
        scores=_scores(arguments.evaluation) if arguments.evaluation else (),
    )


def _scores(path: Path) -> tuple[KnownScore, ...]:
    found = read_document(path, AgentEvaluation)
    return tuple(
        KnownScore(benchmark=suite.benchmark, score=suite.score, items=len(suite.items))
        for suite in (found.hidden, *found.regression)
    )


def _beside(path: Path, document: Path) -> str:
    """Return a path from the document's folder, whole where it does not lie in it."""
    own, folder = path.resolve(), document.resolve().parent
    return os.path.relpath(own, folder) if own.is_relative_to(folder) else str(own)
