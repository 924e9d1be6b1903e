"""Several training seeds make the estimand the corpus; one leaves it the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from synthetic_runs import sample, with_lost

from posttrain_arena.cli.main import main
from posttrain_arena.core.scoring.corpus import pooled, score_seeds
from posttrain_arena.core.scoring.score import score
from posttrain_arena.core.scoring.seeds import seed_variance
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import digest, encode, from_document, to_document
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.score import Score

ENTRY = [sample("grpo", rate, seed=seed) for seed, rate in ((1, 0.5), (2, 0.7), (3, 0.6))]
BASE = [sample("base", 0.2, seed=seed) for seed in (1, 2)]


def rates(side: list[Evaluation]) -> np.ndarray:
    return np.array([[np.mean(task.rewards) for task in one.tasks] for one in side])


def test_one_seed_speaks_of_its_checkpoint() -> None:
    value = score_seeds(ENTRY[:1], BASE[:1])
    assert value == score(ENTRY[0], BASE[0])
    assert (value.estimand, value.seeds) == ("this checkpoint", None)


def test_a_sparse_corpus_is_told_with_two_pseudo_tasks_of_all_seeds() -> None:
    """By a second route: V_tasks of the 26 differences, the seeds' parts from the two-way table with the same rows."""
    value = score_seeds(ENTRY, BASE[:1])
    step = 1 / np.sqrt(12)
    padded = np.column_stack([rates(ENTRY), np.full(3, step), np.full(3, -step)])
    difference = padded.mean(axis=0) - np.append(rates(BASE[:1])[0], [0, 0])
    table = padded - padded.mean(axis=0) - padded.mean(axis=1, keepdims=True) + padded.mean()
    tasks = difference.var(ddof=1) / 26
    seeds, residual = padded.mean(axis=1).var(ddof=1) / 3, (table**2).sum() / (25 * 2) / (26 * 3)
    total = max(tasks, tasks + seeds - residual)
    degrees = total**2 / (tasks**2 / 25 + seeds**2 / 2 + residual**2 / 50) if total > tasks else 25
    reach = stats.t.ppf(0.975, degrees) * np.sqrt(total)
    ends = (value.small_set_interval.low, value.small_set_interval.high)
    assert ends == pytest.approx((difference.mean() - reach, difference.mean() + reach), abs=1e-9)
    unchanged = [replace(BASE[0], checkpoint=digest(seed)) for seed in range(3)]
    nothing = score_seeds(unchanged, BASE[:1])
    assert (nothing.sparse, nothing.delta, nothing.interval.high) == (True, 0.0, 0.0)
    assert nothing.told == nothing.small_set_interval
    assert nothing.told.high == pytest.approx(stats.t.ppf(0.975, 25) * step * np.sqrt(2 / 25 / 26), abs=1e-9)


def test_more_seeds_of_the_baseline_alone_still_speak_of_the_checkpoint() -> None:
    value = score_seeds(ENTRY[:1], BASE)
    assert (value.estimand, value.seeds, value.k, value.k_b) == ("this checkpoint", None, 4, 8)
    assert value.delta == pytest.approx(rates(ENTRY[:1]).mean() - rates(BASE).mean(), abs=1e-12)


def test_more_seeds_of_the_entry_speak_of_the_corpus() -> None:
    value = score_seeds(ENTRY, BASE)
    found = seed_variance(rates(ENTRY), rates(BASE))
    error = found.total**0.5
    assert value.seeds is not None
    assert (value.estimand, value.k, value.k_b) == ("this corpus", 12, 8)
    assert value.delta == pytest.approx(rates(ENTRY).mean() - rates(BASE).mean(), abs=1e-12)
    assert (value.se, value.seeds.degrees) == pytest.approx((error, found.degrees), abs=1e-12)
    assert (value.interval.low, value.interval.high) == pytest.approx(
        stats.t.interval(0.95, found.degrees, value.delta, error), abs=1e-9
    )
    assert value.t_p_value == pytest.approx(2 * stats.t.sf(value.delta / error, found.degrees), abs=1e-9)
    assert value.seeds.entry == tuple(digest(to_document(one)) for one in ENTRY)
    assert found.total > found.tasks


def test_the_interval_over_tasks_alone_stands_beside_it_and_is_narrower() -> None:
    value = score_seeds(ENTRY, BASE)
    assert value.seeds is not None
    tasks = score(pooled(ENTRY, "the entry"), pooled(BASE, "the baseline")).interval
    assert value.seeds.task_interval == tasks
    assert tasks.high - tasks.low < value.interval.high - value.interval.low


def test_a_corpus_score_follows_its_schema_and_round_trips() -> None:
    value = score_seeds(ENTRY, BASE)
    assert from_document(Score, to_document(value), where="score") == value


def test_lost_trials_of_every_seed_are_counted_once() -> None:
    lost = [with_lost(ENTRY[0], 0, 1), with_lost(with_lost(ENTRY[1], 0, 1), 5, 3), ENTRY[2]]
    value = score_seeds(lost, BASE)
    assert (value.lost.entry, value.lost.share) == (3, pytest.approx(3 / (24 * 12)))
    assert value.lost.delta_high == pytest.approx(value.delta + 3 / (24 * 12))


Change = Callable[[Evaluation], Evaluation]

REFUSED: dict[str, tuple[Change, str]] = {
    "the same checkpoint": (
        lambda side: replace(side, checkpoint=ENTRY[0].checkpoint),
        "one checkpoint is given twice",
    ),
    "another suite": (lambda side: replace(side, suite_digest=digest("other")), "the suite digests differ"),
    "a missing task": (lambda side: replace(side, tasks=side.tasks[1:]), "missing in the entry's evaluation of seed 2"),
    "other trials": (
        lambda side: replace(
            side, trials_per_task=2, tasks=tuple(replace(task, rewards=task.rewards[:2]) for task in side.tasks)
        ),
        "its seeds have 4 and 2 trials per task",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_seeds_that_do_not_belong_together_are_refused(case: str) -> None:
    change, message = REFUSED[case]
    with pytest.raises(UsageError, match=message):
        score_seeds([ENTRY[0], change(ENTRY[1])], BASE)


def test_command_scores_seeds_and_names_the_estimand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {}
    for index, side in enumerate((*ENTRY, *BASE)):
        files[index] = str(tmp_path / f"{index}.json")
        Path(files[index]).write_bytes(encode(to_document(side)))
    out = tmp_path / "score.json"
    given = [
        "score",
        files[0],
        files[3],
        "--seeds",
        files[1],
        files[2],
        "--baseline-seeds",
        files[4],
        "--out",
        str(out),
    ]
    assert main(given) == 0
    assert "lift of this corpus on public-sample" in capsys.readouterr().out
    assert json.loads(out.read_text()) == to_document(score_seeds(ENTRY, BASE))
