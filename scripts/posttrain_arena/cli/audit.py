"""Audit a run of the track agents: detectors that need no model, each with its evidence and its error rate.

Examples:
  arena audit build/run --secret secret.key
  arena audit build/run --secret secret.key --agent submissions/my-team/agent --base models/base --references known.json
  arena audit build/run --secret secret.key --judge http://127.0.0.1:8000/v1 --judge-model qwen3-32b --format json

Writes RUN/audit.json. A detector that lacks what it judges by is *not judged*, never *not flagged*: without --secret
there are no hidden items to look for, without --references no known models to compare with; without --agent, or where
files were left out of the copy or are no text, not everything was looked at. A judge is asked only where --judge is
given; it sees the agent's programs first, then its other texts, has no tools, and its majority is advice that clears
nothing. Its key, where it needs one, is in the variable ARENA_JUDGE_KEY. Exit codes: 0 nothing flagged, 1 flagged.
"""

from __future__ import annotations

import argparse
import os
import secrets
from pathlib import Path

from posttrain_arena.adapters.agents import audited_run, audited_templates
from posttrain_arena.adapters.benchmarks.sources import read_sources
from posttrain_arena.adapters.model_server.endpoint import Endpoint
from posttrain_arena.core.agents.told import ELSEWHERE, LEFT_ASIDE
from posttrain_arena.core.audit.audit import audit
from posttrain_arena.core.audit.facts import Facts
from posttrain_arena.core.audit.items import Protected
from posttrain_arena.core.audit.judge import advice, not_judged, shown
from posttrain_arena.core.audit.told import told
from posttrain_arena.core.benchmarks.contract import MIN_SECRET_BYTES
from posttrain_arena.errors import ModelServerError, UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.agent_run import AgentRun
from posttrain_arena.model.audit import JudgeReport
from posttrain_arena.model.audit_references import AuditReferences
from posttrain_arena.model.documents import encode, read_document, to_document, write_document
from posttrain_arena.model.tree import tree_digest

JUDGE_TOKENS = 400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("run", metavar="RUN", type=Path, help="folder of a run, with run.json")
    parser.add_argument(
        "--secret", type=Path, metavar="FILE", help="the organisers' secret: what the hidden items are made of"
    )
    parser.add_argument("--agent", type=Path, metavar="DIR", help="the agent's own folder: its files are looked at too")
    parser.add_argument("--base", type=Path, metavar="DIR", help="folder of the base model")
    parser.add_argument("--bases", type=Path, default=Path(".arena/bases"), help="where to look for it without --base")
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="where published benchmarks lie: benchmark-data document"
    )
    parser.add_argument("--references", type=Path, metavar="FILE", help="known models: audit-references document")
    parser.add_argument("--judge", metavar="URL", help="OpenAI-compatible server of a model that advises")
    parser.add_argument("--judge-model", default="judge", help="its name on that server")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(arguments: argparse.Namespace) -> int:
    """Audit one run; return 1 where a detector flagged."""
    facts = _facts(arguments)
    digests = audited_run.digests(arguments.run)
    if facts.evaluation and facts.evaluation.run != digests["run"]:
        raise UsageError(f"{arguments.run}: evaluation.json is of another run: run `arena agents evaluate` again")
    found = audit(facts, _judged(arguments, facts), digests)
    write_document(arguments.run / "audit.json", found)
    print(encode(to_document(found)).decode() if arguments.format == "json" else told(found), end="")
    return 1 if found.verdict == "flagged" else 0


def _facts(arguments: argparse.Namespace) -> Facts:
    folder: Path = arguments.run
    run = read_document(folder / "run.json", AgentRun)
    base = _base(arguments, run)
    references = AuditReferences(models=())
    if arguments.references:
        references = read_document(arguments.references, AuditReferences)
    base_files = audited_run.small_files(base) if base else {}
    evaluation = folder / "evaluation.json"
    return Facts(
        run=run,
        evaluation=read_document(evaluation, AgentEvaluation) if evaluation.is_file() else None,
        files=audited_run.Files(_looked_at(arguments, run)),
        missing=() if arguments.agent else ("agent (the folder was not given: name it with --agent)",),
        connections=audited_run.connections(folder / "egress.jsonl"),
        protected=_protected(arguments, run),
        model=audited_run.weights(folder / "final_model"),
        base=audited_run.weights(base) if base else None,
        known=audited_run.known_models(references, (arguments.references or folder).parent, run.base_model.name),
        model_files=audited_run.small_files(folder / "final_model"),
        base_files=base_files,
        aside_files=audited_run.small_files(folder / LEFT_ASIDE),
        render=audited_templates.renderer(base_files),
        forbidden_hosts=references.forbidden_hosts,
    )


def _looked_at(arguments: argparse.Namespace, run: AgentRun) -> dict[str, Path]:
    """Return what the agent wrote, by name: its files, wherever they lay, its output, its own folder, its templates."""
    folder: Path = arguments.run
    found = {name: folder / name for name in ("workspace", ELSEWHERE, "trace.log", LEFT_ASIDE)}
    if run.own_chat_template:
        found["final_model/chat_template.jinja"] = folder / "final_model" / "chat_template.jinja"
    if arguments.agent:
        if tree_digest(arguments.agent) != run.agent.digest:
            raise UsageError(f"{arguments.agent} is not the agent that ran: give the folder as it was at the run")
        found["agent"] = arguments.agent
    return found


def _base(arguments: argparse.Namespace, run: AgentRun) -> Path | None:
    """Return the base model's folder, None where it is not at hand; raises UsageError for another model's."""
    given: Path | None = arguments.base
    built = sorted(arguments.bases.glob("*/model")) if given is None else [given]
    found = next((folder for folder in built if tree_digest(folder) == run.base_model.digest), None)
    if given is not None and found is None:
        raise UsageError(f"{given} is not the base model of this run: name its folder with --base")
    return found


def _protected(arguments: argparse.Namespace, run: AgentRun) -> Protected | None:
    if not arguments.secret:
        return None
    return audited_run.protected(run.benchmark.name, _secret(arguments.secret), read_sources(arguments.data))


def _secret(path: Path) -> bytes:
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    if len(secret) < MIN_SECRET_BYTES:
        raise UsageError(f"{path}: shorter than {MIN_SECRET_BYTES} bytes: name the file that evaluations use")
    return secret


def _judged(arguments: argparse.Namespace, facts: Facts) -> JudgeReport:
    if not arguments.judge:
        return not_judged("no judge was asked")
    endpoint = Endpoint(arguments.judge, timeout_sec=120, key=os.environ.get("ARENA_JUDGE_KEY", ""))
    material = shown(facts, secrets.token_hex(8))

    def ask(prompt: str, number: int) -> str:
        messages = [{"role": "user", "content": prompt}]
        body = {"model": arguments.judge_model, "messages": messages, "max_tokens": JUDGE_TOKENS, "seed": number}
        return endpoint.reply(body)

    try:
        return advice(ask, material, model=arguments.judge_model)
    except ModelServerError as error:
        return not_judged(f"the judge did not answer: {error}"[:500])
    finally:
        endpoint.close()
