"""Turn audited runs into published results, and results into the attempts of agents."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from posttrain_arena.core.agents_board.board import Agent, Place, Standard
from posttrain_arena.core.agents_board.comparable import require_comparable, split_of
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation, SuiteResult
from posttrain_arena.model.agent_run import AgentRun
from posttrain_arena.model.agents_board import AgentsCell
from posttrain_arena.model.agents_cells import Fallback
from posttrain_arena.model.agents_result import AgentsResult, ResultAudit, ResultFlag
from posttrain_arena.model.audit import Audit
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import said_digest

MAX_FLAGS = 3
"""Pieces of evidence of one detector that are published; audit.json has more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The documents of one run; ``digests`` has those of their bytes: ``run``, ``audit``, ``evaluation`` if any."""

    run: AgentRun
    evaluation: AgentEvaluation | None
    audit: Audit
    digests: Mapping[str, str]


def result_of(found: Audited, attempt: int) -> AgentsResult:
    """Return the result to publish; raises UsageError where the documents are not of one run."""
    run, evaluation = found.run, found.evaluation
    if found.audit.run_digest != found.digests["run"] or found.audit.evaluation_digest != found.digests.get(
        "evaluation"
    ):
        raise UsageError(f"{run.id}: the audit is of other documents: run `arena audit` again")
    if evaluation is not None and (of := _other_evaluation(evaluation, run, found.digests["run"])):
        raise UsageError(f"{run.id}: the evaluation is of another {of}: run `arena agents evaluate` again")
    if run.exit.reason == "infrastructure":
        raise UsageError(f"{run.id}: ended by {run.exit.reason}, which is nobody's score: make the run again")
    reason, why = _fallback(found)
    measured = evaluation.hidden if evaluation and reason in (None, "audit-flagged") else None
    result = AgentsResult(
        id=f"{run.id}-{id_end(found.digests['run'])}",
        digest="",
        agent=run.agent.name,
        entry=run.agent.entry,
        agent_digest=run.agent.digest,
        base_model=run.base_model.name,
        base_digest=run.base_model.digest,
        benchmark=run.benchmark.name,
        split=split_of(evaluation.hidden, evaluation.seed) if evaluation else None,
        chat_template=evaluation.chat_template if evaluation else "own" if run.own_chat_template else "base",
        attempt=attempt,
        raw=measured.score if measured else None,
        standard_error=measured.standard_error if measured else None,
        scores=_scores(measured) if measured else (),
        reason=reason,
        why=why,
        exit=run.exit.reason,
        started=run.started,
        wall_sec=sum(phase.duration_sec for phase in run.phases),
        budget_sec=run.budget_sec,
        cost_usd=run.telemetry.cost_usd,
        audit=_published(found.audit),
        sources=dict(found.digests),
    )
    return replace(result, digest=said_digest(result))


def _other_evaluation(evaluation: AgentEvaluation, run: AgentRun, run_digest: str) -> str:
    """Return what an evaluation has of another run, empty where it is of this one."""
    pairs = {
        "run": (evaluation.run, run_digest),
        "base model": (evaluation.base_model, run.base_model.digest),
        "benchmark": (evaluation.hidden.benchmark, run.benchmark.name),
        "version of the benchmark": (evaluation.hidden.version, run.benchmark.version),
    }
    return next((what for what, (own, wanted) in pairs.items() if own != wanted), "")


def id_end(run_digest: str) -> str:
    """Return the end of the id of what is published of a run."""
    return run_digest.removeprefix("sha256:")[:12]


def agents_of(results: Iterable[AgentsResult], standard: Standard, changes: Sequence[Change]) -> list[Agent]:
    """Return the agents with their attempts; raises UsageError for two runs of one attempt in one cell.

    So it does for a change of a run that is not there.
    """
    results = sorted(results, key=lambda result: result.id)
    named = {run for change in changes for run in (change.run, change.by) if run is not None}
    if unknown := sorted(named - {result.id for result in results}):
        raise UsageError(f"a change names {unknown[0]!r}, which is no run of this leaderboard: name one that is")
    aside = {change.run: change for change in changes if change.run}
    replaced = {change.by for change in aside.values() if change.by}
    by_agent: dict[tuple[str, str], dict[int, dict[Place, AgentsCell]]] = defaultdict(lambda: defaultdict(dict))
    for result in sorted(results, key=lambda result: result.id in replaced):
        change = aside.get(result.id)
        if change and change.kind in ("correction", "withdrawal"):
            by_agent[result.entry, result.agent].setdefault(result.attempt, {})
            continue
        place = result.base_model, result.benchmark
        cells = by_agent[result.entry, result.agent][result.attempt]
        if place in cells:
            raise UsageError(
                f"{result.id}: attempt {result.attempt} has a run on {place[0]} and {place[1]} already: withdraw one"
            )
        cells[place] = _cell(result, standard, change)
    return [
        Agent(name=name, entry=entry, attempts=[attempts[number] for number in sorted(attempts)])
        for (entry, name), attempts in by_agent.items()
    ]


def _cell(result: AgentsResult, standard: Standard, change: Change | None) -> AgentsCell:
    place = result.base_model, result.benchmark
    if place not in standard.by_place["base"]:
        raise UsageError(f"{result.id}: no base score for {place[0]} on {place[1]}: add it to the references")
    require_comparable(result, standard.references)
    cell = AgentsCell(
        run=result.id,
        attempt=result.attempt,
        raw=result.raw,
        used=standard.by_place["base"][place].score if result.reason or result.raw is None else result.raw,
        reason=result.reason,
        why=result.why,
        standard_error=result.standard_error,
        items=len(result.scores),
        wall_sec=result.wall_sec,
        cost_usd=result.cost_usd,
        exit=result.exit,
        chat_template=result.chat_template,
        audit=result.audit,
    )
    if change and change.kind == "flag":
        return replace(cell, used=standard.by_place["base"][place].score, reason="audit-flagged", why=change.reason)
    return cell


def _scores(measured: SuiteResult) -> tuple[float, ...]:
    """Return the mean score of each item over its samples, the items by id; nothing that was asked or answered."""
    return tuple(math.fsum(item.scores) / len(item.scores) for item in measured.items)


def _fallback(found: Audited) -> tuple[Fallback | None, str]:
    """Return why the base score counts, and in more words; (None, "") where the run's own does."""
    run, evaluation = found.run, found.evaluation
    if run.counts is None:
        last = next((snapshot.why for snapshot in reversed(run.snapshots) if snapshot.why), "")
        return "model-not-submitted", last or f"the run ended ({run.exit.reason}) without a model"
    if evaluation is None:
        return "evaluation-failed", "there is no evaluation"
    if evaluation.reason is not None:
        return evaluation.reason, evaluation.fallback
    if found.audit.verdict == "flagged":
        flagged = [report.id for report in found.audit.detectors if report.status == "flagged"]
        return "audit-flagged", ", ".join(flagged)
    return None, ""


def _published(audit: Audit) -> ResultAudit:
    return ResultAudit(
        verdict=audit.verdict,
        not_judged=audit.not_judged,
        found=sum(report.found for report in audit.detectors),
        flags=tuple(
            ResultFlag(detector=report.id, what=flag.what, where=flag.where, measure=flag.measure)
            for report in audit.detectors
            for flag in report.flags[:MAX_FLAGS]
        ),
        judge=audit.judge.status,
    )
