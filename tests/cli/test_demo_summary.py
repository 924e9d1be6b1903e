"""What the demo says of several seeds."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from posttrain_arena.cli.demo_summary import print_seeds
from posttrain_arena.core.leaderboard.store import read_runs
from posttrain_arena.model.documents import REPOSITORY_ROOT


def test_seeds_have_the_mean_and_the_sd_of_both_lifts(capsys: pytest.CaptureFixture[str]) -> None:
    runs = read_runs(Path(REPOSITORY_ROOT / "leaderboard"))
    print_seeds(runs)
    lines = capsys.readouterr().out.splitlines()
    table = {line.split()[0]: line.split()[1:] for line in lines[2:-1]}
    base, sft, grpo = ([float(table[str(run.seed)][column]) for run in runs] for column in range(3))
    for after, column in ((sft, 0), (grpo, 1)):
        lifts = [rate - below for rate, below in zip(after, base, strict=True)]
        assert float(table["mean"][column]) == pytest.approx(statistics.fmean(lifts), abs=1.5e-3)
        assert float(table["SD"][column]) == pytest.approx(statistics.stdev(lifts), abs=1.5e-3)
    assert lines[-1] == f"{len(runs)} of {len(runs)} seeds have a lift clear of zero"
