"""Tell a published version and what was compared of it: in words, or as JSON."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from posttrain_arena.core.agents_board.published_version.report import Report
from posttrain_arena.core.agents_board.published_version.times import of_agents, of_methods
from posttrain_arena.core.agents_board.published_version.version import Version
from posttrain_arena.model.agents_cells import Cell
from posttrain_arena.model.agents_references import ReferenceKind
from posttrain_arena.model.shown import shown

MOST = 20
"""So many differences, and names with the same reason, are told; JSON has all of them."""
KINDS: tuple[ReferenceKind, ...] = ("instruct", "few-shot", "base")


def told(report: Report) -> str:
    """Return the weights, the agents, what was compared, what differs, what was not compared."""
    return "\n".join([*_version(report.version), *_comparison(report), ""])


def as_json(report: Report) -> dict[str, Any]:
    """Return all numbers and all findings; a deviation of words is null."""
    version = report.version
    return {
        "weights": dict(version.weighing.weights),
        "notes": list(version.weighing.notes),
        "base_models": list(version.references.base),
        "instruct_models": list(version.references.instruct),
        "references": {kind: version.reference(kind) for kind in KINDS if version.scores(kind)},
        "agents": list(_agents(version)),
        "fallbacks": list(_fallbacks(version)),
        "final": {
            method: {model: {name: cell.used for name, cell in row.items()} for model, row in grid.items()}
            for method, grid in version.final.items()
        },
        "compared": [asdict(group) | {"deviation": _finite(group.deviation)} for group in report.compared],
        "different": [asdict(check) | {"deviation": _finite(check.deviation)} for check in report.different],
        "not_compared": [asdict(finding) for finding in report.uncompared],
        "not_read": list(version.folder.unread),
    }


def _agents(version: Version) -> Iterator[dict[str, Any]]:
    """Return agents by average, then name; ``runs`` is 0 where the means over the runs alone are published."""
    timed, methods = {name: mean for name, (mean, _) in of_agents(version).items()}, of_methods(version)
    for name, found in sorted(version.agents().items(), key=lambda item: (-item[1].average.mean, item[0])):
        runs = version.runs.get(name, ())
        own = [methods[method] for method in runs if method in methods]
        yield {
            "agent": name,
            "average": found.average.mean,
            "sd": found.average.sd,
            "runs": len(runs),
            "methods": list(runs),
            "benchmarks": dict(found.benchmark_mean),
            "plus_minus": version.plus_minus(name),
            "seconds": sum(own) / len(own) if own and len(own) == len(runs) else timed.get(name),
        }


def _fallbacks(version: Version) -> Iterator[dict[str, Any]]:
    for method, grid in version.final.items():
        for model, row in grid.items():
            for name, cell in row.items():
                if cell.reason:
                    yield {"method": method, "base_model": model, "benchmark": name, **asdict(cell)}


def _version(version: Version) -> Iterator[str]:
    yield f"base models: {', '.join(map(shown, version.references.base))}"
    yield f"instruct models: {', '.join(map(shown, version.references.instruct)) or 'none'}"
    weights = ", ".join(f"{shown(name)} {weight:.6f}" for name, weight in version.weighing.weights.items())
    yield f"weights{' (given)' if version.given else ''}: {weights}"
    yield from (f"  {note}" for note in version.weighing.notes)
    for row in _agents(version):
        sd = f"  SD {row['sd']:.6f}" if row["sd"] is not None else ""
        runs = f"  n = {row['runs']}" if row["runs"] else "  mean over runs"
        time = f"  {row['seconds'] / 3600:.2f} h" if row["seconds"] is not None else ""
        cells = [cell for method in row["methods"] for line in version.final[method].values() for cell in line.values()]
        yield f"{shown(row['agent']):46} {row['average']:.6f}{sd}{runs}{time}{_reasons(cells)}"
        if known := {name: sd for name, sd in row["plus_minus"].items() if sd is not None}:
            yield "  ± " + ", ".join(f"{shown(name)} {sd:.4f}" for name, sd in known.items())
    for kind in KINDS:
        if version.scores(kind):
            yield f"{kind + ' (not ranked)':46} {version.reference(kind):.6f}"


def _reasons(cells: Sequence[Cell]) -> str:
    counts = Counter(cell.why or cell.reason for cell in cells if cell.reason)
    return "".join(f", {count} {shown(reason)}" for reason, count in sorted(counts.items()))


def _comparison(report: Report) -> Iterator[str]:
    yield f"{'compared':32} numbers  largest deviation"
    for group in report.compared:
        number = f"{group.deviation:.1e} of {group.within:.1e}" if math.isfinite(group.deviation) else "not the same"
        differing = f", {group.failed} differ" if group.failed else ""
        yield f"{group.kind:32} {group.count:7}  {number}{differing}, at {shown(group.where)}"
    for check in report.different[:MOST]:
        values = f"{_value(check.ours)}, published {_value(check.published)}"
        yield f"differs: {check.kind}: {shown(check.where, 160)}: {values}"
    if len(report.different) > MOST:
        yield f"and {len(report.different) - MOST} more: --format json has all"
    if any(check.kind == "weights" for check in report.different):
        yield "factors.json is of another rule: give it with --weights, and all averages are computed with it"
    reasons: dict[str, dict[str, None]] = {}
    for finding in report.uncompared:
        reasons.setdefault(finding.why, {})[shown(finding.what, 160)] = None
    for why, names in reasons.items():
        more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
        yield f"not compared: {', '.join(list(names)[:MOST])}{more}: {shown(why, 160)}"
    if report.version.folder.unread:
        yield f"not read: {', '.join(map(shown, report.version.folder.unread))}"
    yield _verdict(report)


def _verdict(report: Report) -> str:
    if not report.checks:
        return "nothing was compared: the folder publishes no number that follows from its grids"
    number = len(report.checks)
    return f"{len(report.different)} of {number} numbers differ" if report.different else f"all {number} numbers hold"


def _value(value: float | str) -> str:
    return shown(value) if isinstance(value, str) else f"{value:.12g}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
