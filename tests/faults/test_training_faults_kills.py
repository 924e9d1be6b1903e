"""A run that is killed again and again, at every boundary and within every stage, ends as one that never was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from training_runs import Whole, curves, demo, facts, lines, rewards, until, weights

pytestmark = [pytest.mark.docker, pytest.mark.training]

Moment = Callable[[Path], object]


def after(name: str) -> Moment:
    """Return the moment at which a stage is done, before the next one begins."""
    return lambda run: (run / name / "manifest.json").exists()


def with_lines(name: str, count: int) -> Moment:
    """Return the moment at which a file has so many lines."""
    return lambda run: lines(run / name) >= count


MOMENTS: dict[str, Moment] = {
    "in demonstrations": with_lines("shared/demonstrations/unfinished.jsonl", 2),
    "after demonstrations": after("shared/demonstrations"),
    "in SFT": with_lines("seed-0/sft/metrics.jsonl", 15),
    "after SFT": after("seed-0/sft"),
    "in GRPO's first step": lambda run: list(run.glob("seed-0/grpo/live/0")),
    "in GRPO": with_lines("seed-0/grpo/metrics.jsonl", 2),
    "after GRPO": after("seed-0/grpo"),
    "in an evaluation": with_lines("seed-0/evaluation-sft/unfinished.jsonl", 4),
    "after the last evaluation, before the score": after("seed-0/evaluation-grpo"),
    "after the run file, before the board": lambda run: list(run.glob("leaderboard/runs/*.json")),
}


@dataclass(frozen=True)
class Killed:
    """A run that is done at last, and the manifests that there were at each kill."""

    run: Path
    manifests: dict[str, dict[Path, bytes]]


@pytest.fixture(scope="module")
def killed(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Kill the demo at every moment, start the same command each time, and at the end let it end."""
    out = tmp_path_factory.mktemp("killed")
    (out / "bases").symlink_to(whole.bases)
    run, found = out / "short", {}
    for name, moment in MOMENTS.items():
        with whole.started(demo(out)) as process:
            until(partial(moment, run), process)
            process.kill()
        assert process.returncode == -9, name
        found[name] = {path: path.read_bytes() for path in run.glob("**/manifest.json")}
    last = whole.ended(demo(out))
    assert last.returncode == 0, last.stderr
    return Killed(run=run, manifests=found)


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_was_done_before_a_kill_is_not_done_again(killed: Killed, moment: str) -> None:
    before = killed.manifests[moment]
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("stage", ["sft", "grpo"])
def test_the_weights_are_those_of_an_unbroken_run_bit_by_bit(whole: Whole, killed: Killed, stage: str) -> None:
    assert weights(killed.run / "seed-0" / stage) == weights(whole.stage(stage))
    assert curves(killed.run / "seed-0" / stage) == curves(whole.stage(stage))


def test_demonstrations_went_on_from_their_last_trial(killed: Killed) -> None:
    assert facts(killed.run / "shared" / "demonstrations")["trials_before"] >= 2


def test_grpo_went_on_from_its_last_step(killed: Killed) -> None:
    assert facts(killed.run / "seed-0" / "grpo")["resumed_from_step"] in (1, 2)


@pytest.mark.parametrize("stage", ["base", "sft", "grpo"])
def test_the_rewards_are_those_of_an_unbroken_run(whole: Whole, killed: Killed, stage: str) -> None:
    folder = killed.run / ("shared" if stage == "base" else "seed-0") / f"evaluation-{stage}"
    assert rewards(folder) == rewards(whole.stage(f"evaluation-{stage}"))
    assert facts(folder)["trials_before"] >= (4 if stage == "sft" else 0)


def test_the_run_file_and_the_board_are_those_of_an_unbroken_run(whole: Whole, killed: Killed) -> None:
    files = [list(where.glob("leaderboard/runs/*.json")) for where in (killed.run, whole.folder)]
    assert [len(found) for found in files] == [1, 1]
    ours, theirs = (json.loads(found[0].read_text(encoding="utf-8")) for found in files)
    for part in ("job", "recipe", "base_model", "seed", "baseline", "stages", "attempt"):
        assert ours[part] == theirs[part], part
    for part in ("delta", "interval", "entry_rate", "baseline_rate", "lost"):
        assert ours["score"][part] == theirs["score"][part], part
    assert (killed.run / "leaderboard" / "leaderboard.json").is_file()
    assert (killed.run / "site" / "index.html").is_file()
