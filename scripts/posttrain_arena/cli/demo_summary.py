"""Say what the demo came to, for someone who sees it for the first time."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from posttrain_arena.core.site.views import track_page
from posttrain_arena.model.leaderboard_run import LeaderboardRun, StageRate

WHOLE_SUITE = "whole suite"


def print_summary(run: LeaderboardRun, notes: Sequence[str], out: Path, seconds: float) -> None:
    """Print the notes, the pass rates, the lift, where the time of a trial went, and where everything is."""
    print()
    for line in notes:
        print(f"{line}\n")
    print("Held-out pass rate (share of trials that the verifier passed)\n")
    _print_rates(run.stages)
    low, high = run.score.told.low, run.score.told.high
    clear = "clear of zero" if low > 0 or high < 0 else "not clear of zero"
    what = "the skills over the same agent without any" if run.entry.track == "skills" else "GRPO over the base model"
    span = f"{run.score.analysis.level:.0%} interval [{low:+.3f}, {high:+.3f}]"
    print(f"\nLift of {what}: {run.score.delta:+.3f}, {span}, {clear}")
    _print_trials(run)
    print(f"\nresult       {out / 'leaderboard' / 'runs' / (run.id + '.json')}")
    print(f"leaderboard  {out / 'leaderboard' / 'leaderboard.json'}")
    print(f"page         {(out / 'site' / track_page(run.entry.track)).resolve().as_uri()}")
    print(f"             or served: .venv/bin/arena site serve --out {out / 'site'}")
    print(f"\nDone in {seconds / 60:.1f} min." if seconds >= 60 else f"\nDone in {seconds:.1f} s.")


def print_seeds(runs: Sequence[LeaderboardRun]) -> None:
    """Print one line per training seed, and the mean and SD of the lifts of at least two."""
    level = runs[0].score.analysis.level
    print(f"\nseed    base     SFT    GRPO   lift of SFT   of GRPO   {level:.0%} interval")
    lifts = []
    for run in runs:
        rates = {rate.stage: rate.rate for rate in run.stages if rate.group is None}
        lifts.append((rates["sft"] - rates["base"], run.score.delta))
        interval = run.score.told
        print(
            f"{run.seed:>4} {rates['base']:>7.3f} {rates['sft']:>7.3f} {rates['grpo']:>7.3f}"
            f" {lifts[-1][0]:>+13.3f} {lifts[-1][1]:>+9.3f}   [{interval.low:+.3f}, {interval.high:+.3f}]"
        )
    for name, of in (("mean", statistics.fmean), ("SD", statistics.stdev)):
        after_sft, after_grpo = (of(column) for column in zip(*lifts, strict=True))
        print(f"{name:>4}{after_sft:>38.3f}{after_grpo:>10.3f}")
    clear = sum(run.score.told.low > 0 for run in runs)
    print(f"{clear} of {len(runs)} seeds have a lift clear of zero")


def _print_rates(rates: Sequence[StageRate]) -> None:
    stages = list(dict.fromkeys(rate.stage for rate in rates))
    groups = list(dict.fromkeys(rate.group for rate in rates))
    found = {(rate.stage, rate.group): rate for rate in rates}
    print(f"{'':<20}{'tasks':>6}" + "".join(f"{stage:>9}" for stage in stages))
    for group in groups:
        row = [found[stage, group] for stage in stages]
        print(f"{group or WHOLE_SUITE:<20}{row[0].n:>6}" + "".join(f"{rate.rate:>9.3f}" for rate in row))


def _print_trials(run: LeaderboardRun) -> None:
    print("\nTrials                 number   per s   seconds per trial: start  model  tools   copy  verify")
    for stats in run.trials:
        count = stats.trials
        tools = stats.agent_sec - stats.model_sec
        parts = (stats.start_sec, stats.model_sec, tools, stats.capture_sec, stats.verify_sec)
        spent = "".join(f"{part / count:>7.2f}" for part in parts)
        print(f"{stats.stage:<22}{count:>7}{stats.trials_per_sec:>8.1f}{'':>17}{spent}")
