"""Tell the files of a published version by their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from posttrain_arena.core.agents_board.published_references import References, read_few_shot, read_references
from posttrain_arena.core.agents_board.published_tables import Table, read_table
from posttrain_arena.errors import UsageError

BASELINES, BASELINE, FEW_SHOT = "baselines_by_model.csv", "aggregated_baseline.csv", "aggregated_baseline_fewshot.csv"
FACTORS, FALLBACKS, EXPECTED = "factors.json", "fallback_cells.csv", "expected_aggregates.csv"
METRICS, TIMES, OVERVIEW = "single_metrics_aggregated.csv", "time_aggregated.csv", "aggregated_time_overview.csv"
SITE = "site_scores.json"
KNOWN = (BASELINES, BASELINE, FEW_SHOT, FACTORS, FALLBACKS, EXPECTED, METRICS, TIMES, OVERVIEW, SITE)

DEVIATIONS = ("aggregated_std_", "final_std_")
PREFIXES = {
    **dict.fromkeys(("aggregated_avg_", "final_avg_"), "means"),
    **dict.fromkeys(DEVIATIONS, "deviations"),
    "aggregated_": "raw",
    "final_": "final",
}
"""How the name of a grid begins, and what it holds: means and SDs over runs by agent, one run's cells by method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """``texts`` by name of file; of the grids, agent or method → name of file. ``unread`` is what has another name."""

    name: str
    texts: Mapping[str, str]
    means: Mapping[str, str]
    deviations: Mapping[str, str]
    raw: Mapping[str, str]
    final: Mapping[str, str]
    unread: tuple[str, ...]

    def table(self, file: str, needs: Collection[str] = ("model",)) -> Table:
        """Return a CSV of the folder."""
        return read_table(self.texts[file], needs=needs, where=f"{self.name}/{file}")

    def lines(self, file: str, needs: Collection[str]) -> Table | None:
        """Return a CSV of the folder, None where it is not there."""
        return self.table(file, needs) if file in self.texts else None


def sort_files(texts: Mapping[str, str], others: Collection[str] = (), *, name: str) -> Folder:
    """Return the files by what they hold; raises UsageError where a grid is there under two names.

    ``others`` are those that hold no text of a version.
    """
    grids: dict[str, dict[str, str]] = {kind: {} for kind in PREFIXES.values()}
    unread = [*others]
    for file in sorted(set(texts) - set(KNOWN)):
        prefix = next((prefix for prefix in PREFIXES if file.startswith(prefix) and file.endswith(".csv")), None)
        if prefix is None or "model" not in texts[file].partition("\n")[0].replace('"', "").strip().split(","):
            unread.append(file)
            continue
        found, stem = grids[PREFIXES[prefix]], file.removeprefix(prefix).removesuffix(".csv")
        if stem in found:
            raise UsageError(f"{name}: {found[stem]} and {file} are the same grid: keep one")
        found[stem] = file
    return Folder(name=name, texts=texts, unread=tuple(sorted(unread)), **grids)


def read_baselines(folder: Folder) -> References:
    """Return base, instruct and few-shot scores; without a column ``kind`` the grids' rows are the base models."""
    file = next((file for file in (BASELINES, BASELINE) if file in folder.texts), None)
    if file is None:
        raise UsageError(f"{folder.name}: no {BASELINES} and no {BASELINE}, on which cells fall back: add one of them")
    found = read_references(folder.texts[file], base_models=_models(folder), where=f"{folder.name}/{file}")
    if found.few_shot or FEW_SHOT not in folder.texts:
        return found
    return replace(found, few_shot=read_few_shot(folder.texts[FEW_SHOT], found, where=f"{folder.name}/{FEW_SHOT}"))


def _models(folder: Folder) -> set[str]:
    files = [*folder.means.values(), *folder.raw.values(), *folder.final.values()]
    files += [FEW_SHOT] if FEW_SHOT in folder.texts else []
    return {line.cells["model"] for file in files for line in folder.table(file).lines}
