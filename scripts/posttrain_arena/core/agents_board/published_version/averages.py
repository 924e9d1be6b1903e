"""Hold averages, and SDs over runs, against the published ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from posttrain_arena.core.agents_board.aggregate import Aggregate, Grid, aggregate
from posttrain_arena.core.agents_board.published_tables import Line, Table, score_of
from posttrain_arena.core.agents_board.published_version.checks import (
    Check,
    Finding,
    Uncompared,
    numbers,
    rounding,
)
from posttrain_arena.core.agents_board.published_version.folder import (
    BASELINE,
    BASELINES,
    EXPECTED,
    FACTORS,
    FEW_SHOT,
    METRICS,
    Folder,
)
from posttrain_arena.core.agents_board.published_version.version import Version
from posttrain_arena.core.agents_board.published_weights import read_weights
from posttrain_arena.core.agents_board.weights import Scores
from posttrain_arena.model.agents_references import ReferenceKind

COLUMNS = ("expected_avg", "expected_std")
NO_RUNS = "its runs are not in the folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The files that a row of the expected averages names, and what of its text is no file of the folder."""

    files: tuple[str, ...]
    missing: tuple[str, ...]


def inputs_of(text: str, folder: Folder) -> Inputs:
    """Return the files of the folder in a text, whatever stands between them; ``*`` stands for a part of a name."""
    found, left = [], text
    for file in sorted(folder.texts, key=len, reverse=True):
        if file in left:
            found.append(file)
            left = left.replace(file, " ")
    words = left.replace(",", " ").replace(";", " ").replace("|", " ").split()
    for pattern in [word for word in words if "*" in word]:
        found += [file for file in folder.texts if fnmatchcase(file, pattern) and file not in found]
    missing = tuple(word for word in words if word.endswith(".csv") and "*" not in word)
    return Inputs(files=tuple(sorted(found)), missing=missing)


def known_runs(folder: Folder) -> dict[str, tuple[str, ...]]:
    """Return agent → methods where the expected averages name the grids of its runs."""
    table = folder.lines(EXPECTED, ("agent", "inputs"))
    methods = {file: name for files in (folder.final, folder.raw) for name, file in files.items()}
    found = {}
    for line in table.lines if table else ():
        named = inputs_of(line.cells["inputs"], folder).files
        if named and all(file in methods for file in named):
            found[line.cells["agent"]] = tuple(dict.fromkeys(methods[file] for file in named))
    return found


def expected(version: Version) -> Iterator[Finding]:
    """Compare with ``expected_aggregates.csv``, each row by the files that it names."""
    table = version.folder.lines(EXPECTED, ("agent", "inputs", "expected_avg"))
    if table is None:
        yield Uncompared(what="expected averages", why=f"no {EXPECTED}")
        return
    for line in table.lines:
        agent, named = line.cells["agent"], inputs_of(line.cells["inputs"], version.folder)
        if named.missing or not named.files:
            lacks = ", ".join(named.missing) or f"{line.cells['inputs']!r}"
            yield Uncompared(what=f"{line.where}: {agent}", why=f"{lacks}: no file of the folder")
            continue
        yield from _row(version, line, named.files)


def metrics(version: Version) -> Iterator[Finding]:
    """Compare with ``single_metrics_aggregated.csv``, which has averages and SDs by agent."""
    table = version.folder.lines(METRICS, ("agent", "avg"))
    if table is None:
        yield Uncompared(what="averages by agent", why=f"no {METRICS}")
        return
    agents = version.agents()
    for line in table.lines:
        if line.cells["agent"] in agents:
            yield from _published(line, agents[line.cells["agent"]], ("avg", "std"), "averages by agent")
        else:
            yield Uncompared(what=f"average of {line.cells['agent']}", why="no grid of it")


def over_runs(version: Version) -> Iterator[Finding]:
    """Compare means and SDs over the runs that are there with the grids that have them."""
    for agent, methods in version.runs.items():
        if len(methods) < 2:
            continue
        cells = version.of_runs(methods).cells
        means = {model: {name: cell.mean for name, cell in row.items()} for model, row in cells.items()}
        sds = {model: {name: cell.sd or 0.0 for name, cell in row.items()} for model, row in cells.items()}
        if agent in version.folder.means:
            yield from _cells("means over runs", version.folder.table(version.folder.means[agent]), means)
        if agent in version.folder.deviations:
            yield from _cells("SDs over runs", version.folder.table(version.folder.deviations[agent]), sds)
    for agent in version.folder.deviations:
        if len(version.runs.get(agent, ())) < 2:
            yield Uncompared(what=f"SDs over runs of {agent}", why=NO_RUNS)


def _cells(kind: str, table: Table, own: Scores) -> Iterator[Finding]:
    """Compare the numbers of a grid, within the rounding of the one with the most decimals."""
    within = rounding(numbers(text for line in table.lines for text in line.cells.values()))
    for line in table.lines:
        for name, ours in own.get(line.cells["model"], {}).items():
            where = f"{line.where}: {name}"
            said = score_of(line.cells.get(name, ""), where=where).number
            if said is None:
                yield Uncompared(what=where, why="no number")
            else:
                yield Check(kind=kind, where=where, ours=ours, published=said, within=within)


def _row(version: Version, line: Line, files: Sequence[str]) -> Iterator[Finding]:
    """Compare one expected average, of a reference or of the runs whose grids are named."""
    weights, named = version.weighing.weights, line.cells.get("weights", "")
    if not version.given and named not in ("", FACTORS):
        if named not in version.folder.texts:
            yield Uncompared(
                what=f"{line.where}: {line.cells['agent']}", why=f"weights {named!r}: no file of the folder"
            )
            return
        where = f"{version.folder.name}/{named}"
        weights = read_weights(version.folder.texts[named], version.references.benchmarks, where=where).weights
    if kind := _reference(line, files):
        yield from _published(line, version.reference(kind, weights), COLUMNS, "expected averages")
        return
    grids = _grids(version, files)
    if not grids:
        yield Uncompared(what=f"{line.where}: {line.cells['agent']}", why=f"{', '.join(files)}: no grid of scores")
        return
    yield from _published(line, aggregate(list(grids.values()), weights), COLUMNS, "expected averages")


def _grids(version: Version, files: Sequence[str]) -> dict[str, Grid]:
    """Return the grids of files by what they are of; raw and final grid of a method are one."""
    folder = version.folder
    means = {f"mean {name}": version.means[name] for name, file in folder.means.items() if file in files}
    named = {name for group in (folder.raw, folder.final) for name, file in group.items() if file in files}
    return means | {name: version.final[name] for name in sorted(named)}


def _reference(line: Line, files: Sequence[str]) -> ReferenceKind | None:
    """Return whose scores a row is of, where it names a file of the baselines."""
    said = f"{line.cells['agent']} {line.cells['inputs']}".lower()
    if FEW_SHOT in files or (BASELINES in files and "few" in said):
        return "few-shot"
    if BASELINE in files or BASELINES in files:
        return "instruct" if "instruct" in said else "base"
    return None


def _published(line: Line, ours: Aggregate | float, columns: tuple[str, str], kind: str) -> Iterator[Finding]:
    """Compare average, SD and number of runs with a row; the last two follow where two runs are there."""
    agent = line.cells["agent"]
    average, spread = (line.cells.get(name, "") for name in columns)
    mean, sd, runs = (
        (ours, None, 1) if isinstance(ours, float) else (ours.average.mean, ours.average.sd, ours.average.n)
    )
    published = score_of(average, where=f"{line.where}: {columns[0]}").number
    if published is None:
        yield Uncompared(what=f"{line.where}: {agent}", why="no number")
    else:
        yield Check(kind=kind, where=agent, ours=mean, published=published, within=rounding([average]))
    said = score_of(spread, where=f"{line.where}: {columns[1]}").number
    if said is None:
        return
    if sd is None:
        yield Uncompared(what=f"SD of {agent}", why=NO_RUNS)
        return
    yield Check(kind="SDs over runs of averages", where=agent, ours=sd, published=said, within=rounding([spread]))
    yield Check(kind="numbers of runs", where=agent, ours=str(runs), published=line.cells.get("n") or str(runs))
