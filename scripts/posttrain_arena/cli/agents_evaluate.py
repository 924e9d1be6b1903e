"""Evaluate what an agent left, or a reference, on the hidden split."""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from posttrain_arena.cli.agents_machine import base_of, machine_of, rules_of, whole_number
from posttrain_arena.core.agents_board.comparable import split_of
from posttrain_arena.core.scoring.intervals import student
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.agent_evaluation import AgentEvaluation, EvaluatedReference
from posttrain_arena.model.agent_run import AgentRun
from posttrain_arena.model.agents_references import ReferenceKind

if TYPE_CHECKING:
    from posttrain_arena.adapters.agents.evaluate import Asked

MAX_SECRET_BYTES = 4096
LEVEL = 0.95


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the evaluation of a run."""
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--against", type=Path, metavar="FILE", help="a reference's evaluation to compare with")
    _add_common(parser)


def add_reference_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the evaluation of a reference."""
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help="a model of this base, with its own chat_template.jinja where it has one (default: the base model)",
    )
    parser.add_argument("--model-name", default="", help="its name (default: that of its folder)")
    parser.add_argument(
        "--shots",
        type=whole_number,
        default=0,
        metavar="N",
        help="show the base model N answered questions first (default 0)",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the evaluation goes")
    _add_common(parser)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--secret", type=Path, required=True, metavar="FILE", help="what the hidden split is made of")
    parser.add_argument(
        "--seed", type=whole_number, default=0, help="seed of the evaluation, one for all runs (default 0)"
    )
    parser.add_argument(
        "--regression",
        action="append",
        metavar="NAME",
        help="a benchmark that shows what was lost (default: the rules' others; '' for none)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Evaluate a run and write evaluation.json beside it."""
    from posttrain_arena.adapters.agents.evaluate import Subject, evaluate_model
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine
    from posttrain_arena.model.tree import tree_digest

    file = arguments.run / "run.json"
    record = documents.read_document(file, AgentRun)
    model = arguments.run / "final_model" if record.counts is not None else None
    if model is not None and tree_digest(model) != record.counts:
        raise UsageError(f"{model}: its files are not those that the run copied ({record.counts})")
    arguments.benchmark = record.benchmark.name
    with DockerEngine() as engine:
        _, base = base_of(arguments, engine)
        if tree_digest(base) != record.base_model.digest:
            raise UsageError(
                f"{base}: is not the base model of the run ({record.base_model.digest}): name it with --base"
            )
        digest = "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
        subject = Subject(base=base, model=model, run=digest, own_template=record.own_chat_template)
        result = evaluate_model(subject, _asked(arguments), engine, _say)
    _write(arguments.run / "evaluation.json", result)
    if arguments.against:
        print(compared(result, documents.read_document(arguments.against, AgentEvaluation)))
    return 0


def compared(ours: AgentEvaluation, theirs: AgentEvaluation) -> str:
    """Say the paired difference of two evaluations, with its interval by Student's t over items."""
    mine, other = ((one.base_model, split_of(one.hidden, one.seed)) for one in (ours, theirs))
    if mine != other:
        raise UsageError(
            "--against: is of another base model, or of another version, hidden split, seed or judge of the benchmark: "
            "evaluate both alike"
        )
    means = [[sum(item.scores) / len(item.scores) for item in one.hidden.items] for one in (ours, theirs)]
    interval = student([a - b for a, b in zip(*means, strict=True)], level=LEVEL)
    difference = ours.hidden.score - theirs.hidden.score
    span = f"[{interval.low:+.4f}, {interval.high:+.4f}]"
    return f"against {theirs.hidden.score:.4f}: {difference:+.4f}, {LEVEL:.0%} interval {span}"


def refer(arguments: argparse.Namespace) -> int:
    """Evaluate the base model, or another model of its shape: the official instruct model."""
    from posttrain_arena.adapters.agents.evaluate import Subject, evaluate_model
    from posttrain_arena.adapters.agents.model_folder import TEMPLATE
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine

    if arguments.shots and arguments.model is not None:
        raise UsageError("--shots: few-shot rows are of base models: leave --model out")
    with DockerEngine() as engine:
        name, base = base_of(arguments, engine)
        own = arguments.model is not None and (arguments.model / TEMPLATE).is_file()
        subject = Subject(base=base, model=arguments.model, run=None, own_template=own)
        result = evaluate_model(subject, replace(_asked(arguments), shots=arguments.shots), engine, _say)
    _write(arguments.out, replace(result, reference=_reference(arguments, name)))
    return 0


def _reference(arguments: argparse.Namespace, base: str) -> EvaluatedReference:
    if arguments.model is None:
        kind: ReferenceKind = "few-shot" if arguments.shots else "base"
        return EvaluatedReference(kind=kind, model=base, base_model=base, shots=arguments.shots)
    own = arguments.model_name or arguments.model.resolve().name.lower()
    return EvaluatedReference(kind="instruct", model=own, base_model=base)


def _asked(arguments: argparse.Namespace) -> Asked:
    from posttrain_arena.adapters.agents.evaluate import Asked
    from posttrain_arena.adapters.benchmarks.sources import read_sources

    if not arguments.secret.is_file() or arguments.secret.stat().st_size > MAX_SECRET_BYTES:
        raise UsageError(f"{arguments.secret}: no file of at most {MAX_SECRET_BYTES} bytes")
    rules = rules_of(arguments)
    benchmark = arguments.benchmark or rules.benchmarks[0]
    others = [name for name in rules.benchmarks if name != benchmark]
    return Asked(
        benchmark=benchmark,
        regression=tuple(others if arguments.regression is None else filter(None, arguments.regression)),
        secret=arguments.secret.read_bytes(),
        seed=arguments.seed,
        machine=machine_of(arguments),
        sources=read_sources(arguments.data),
    )


def _say(text: str) -> None:
    print(f"arena: {text}", flush=True)


def _write(path: Path, result: AgentEvaluation) -> None:
    documents.write_document(path, result)
    for suite in (result.hidden, *result.regression):
        lost = "".join(f", {count} {reason}" for reason, count in suite.lost.items())
        n = len(suite.items)
        print(f"{suite.benchmark}: {suite.score:.4f} (standard error {suite.standard_error:.4f}, n = {n}{lost})")
    if result.fallback:
        print(f"the base model stands in: {result.fallback}")
    print(f"wrote {path}")
