"""The analysis is data: competition.yaml decides, and its digest stands in every score."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
import yaml
from synthetic_runs import evaluation, sample

from posttrain_arena.core.scoring import intervals
from posttrain_arena.core.scoring.analysis import alpha, analysis_digest, published
from posttrain_arena.core.scoring.score import score, stage_rates
from posttrain_arena.core.scoring.standings import judge
from posttrain_arena.core.scoring.tango import tango
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import REPOSITORY_ROOT, digest

ENTRY, BASE = sample("grpo", 0.5, seed=1), sample("base", 0.3, seed=2)


def test_the_digest_in_a_score_is_that_of_the_table_in_competition_yaml() -> None:
    table = yaml.safe_load((REPOSITORY_ROOT / "competition.yaml").read_text(encoding="utf-8"))["analysis"]
    value = score(ENTRY, BASE)
    assert asdict(value.analysis) == table
    assert value.analysis_digest == analysis_digest(published()) == digest(table)


@pytest.mark.parametrize("change", [{"level": 0.9}, {"trials_per_task": 8}, {"version": "other"}])
def test_any_change_of_the_analysis_changes_its_digest(change: dict) -> None:
    assert analysis_digest(replace(published(), **change)) != analysis_digest(published())


@pytest.mark.parametrize("change", [{"method": "percentile"}, {"version": "pta-score-0"}])
def test_an_analysis_that_this_code_does_not_compute_is_refused(change: dict) -> None:
    plan = replace(published(), **change)
    for compute in (lambda: score(ENTRY, BASE, plan), lambda: judge({"one": ([ENTRY], BASE)}, plan)):
        with pytest.raises(UsageError, match="this code computes exact-paired-task-bootstrap pta-score-1"):
            compute()


def test_the_level_of_the_plan_is_that_of_every_interval_and_test() -> None:
    wide, narrow = score(ENTRY, BASE), score(ENTRY, BASE, replace(published(), level=0.5))
    for name in ("interval", "t_interval", "small_set_interval"):
        inner, outer = getattr(narrow, name), getattr(wide, name)
        assert outer.low < inner.low <= wide.delta <= inner.high < outer.high, name
    assert narrow.domains[0].interval != wide.domains[0].interval
    assert narrow.resolved_delta < wide.resolved_delta
    rates = stage_rates([ENTRY], replace(published(), level=0.5))
    assert rates[0].interval != stage_rates([ENTRY])[0].interval
    assert alpha(published()) == 0.05
    power = judge({"one": ([ENTRY], BASE)}, replace(published(), level=0.5)).power
    assert power is not None
    assert power.level == 0.5


def test_single_trials_get_tangos_interval_also_in_cells() -> None:
    names = [f"T-{index:02}" for index in range(24)]
    ours = evaluation("grpo", {name: [float(index % 3 != 0)] for index, name in enumerate(names)})
    theirs = evaluation("base", {name: [float(index % 4 == 0)] for index, name in enumerate(names)})
    value = score(ours, theirs)
    assert value.small_set_method == "tango"
    assert value.small_set_interval == tango(12, 2, n=24, level=0.95)
    assert [(cell.n, cell.delta) for cell in value.domains] == [(8, -0.25), (8, 0.75), (8, 0.75)]
    assert value.domains[0].interval == tango(0, 2, n=8, level=0.95)


@pytest.mark.parametrize(("n", "gained", "sparse"), [(20, 20, True), (40, 14, True), (40, 15, False)])
def test_small_or_sparse_sets_say_that_they_are(n: int, gained: int, sparse: bool) -> None:
    names = [f"T-{index:02}" for index in range(n)]
    ours = evaluation("grpo", {name: [float(index < gained)] * 4 for index, name in enumerate(names)})
    value = score(ours, evaluation("base", {name: [0.0] * 4 for name in names}))
    assert (value.sparse, value.changed_tasks, value.small_set_method) == (sparse, gained, "pseudo-tasks")
    assert (intervals.SMALL, intervals.SPARSE) == (20, 15)
