"""An evaluation that is cut off, or parted among machines, is the evaluation that it would have been."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fakes import InMemoryEngine
from tiny_policy import TinyPolicy, tiny_recipe

from posttrain_arena.cli.evaluation_stage import TRIALS, EvaluationStage
from posttrain_arena.cli.run_context import RunContext, StageResult
from posttrain_arena.core.training.records import TrialLog, read_trials
from posttrain_arena.errors import UsageError
from posttrain_arena.model.manifest import Manifest
from posttrain_arena.model.shard import Shard
from posttrain_arena.model.suite import Suite, SuiteTask
from posttrain_arena.model.trial import Failure

pytestmark = pytest.mark.training

TRIALS_PER_TASK = 3


@dataclass(frozen=True)
class Setting:
    """One checkpoint and one suite, evaluated into folders of choice."""

    tiny: TinyPolicy
    suite: Suite
    base: StageResult
    checkpoint: StageResult

    def run(
        self,
        out: Path,
        *,
        shard: Shard | None = None,
        parts: int = 0,
        seed: int = 5,
        tick: Callable[[float, str], None] = lambda done, note: None,
    ) -> StageResult:
        recipe = tiny_recipe(evaluation={"trials_per_task": TRIALS_PER_TASK, "concurrency": 1})
        context = RunContext(recipe=recipe, seed=seed, engine=InMemoryEngine(), out=out, bases=out)
        tasks = {task.name: task for task in self.tiny.tasks}
        stage = EvaluationStage(
            context=context, base=self.base, checkpoint=self.checkpoint, suite=(self.suite, tasks), tick=tick
        )
        stage.wait(parts)
        return stage.run(shard)


@pytest.fixture(scope="module")
def setting(tiny: TinyPolicy, tmp_path_factory: pytest.TempPathFactory) -> Setting:
    folder = tmp_path_factory.mktemp("evaluated")
    for stage, part, model in (("base", "model", tiny.base), ("sft", "adapter", tiny.adapters[0])):
        (folder / stage).mkdir()
        (folder / stage / part).symlink_to(model)
    base, sft = (
        StageResult(
            folder=folder / stage,
            manifest=Manifest(stage=stage, inputs={}, files={"made": stage}, seconds=1.0, facts={}),
            skipped=False,
        )
        for stage in ("base", "sft")
    )
    tasks = sorted(tiny.tasks, key=lambda task: task.name)
    suite = Suite(
        name="held-out",
        tasks=tuple(
            SuiteTask(id=task.name, path=task.name, digest=task.digest, domain="sciences", group="held-out")
            for task in tasks
        ),
    )
    return Setting(tiny=tiny, suite=suite, base=base, checkpoint=sft)


@pytest.fixture(scope="module")
def whole(setting: Setting, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return setting.run(tmp_path_factory.mktemp("whole")).folder


def wrote(folder: Path) -> list[object]:
    """Return the evaluation, and what the model wrote in every trial."""
    trials = read_trials(folder / TRIALS)
    return [
        (folder / "evaluation.json").read_bytes(),
        [[turn.token_ids for turn in trial.trajectory] for trial in trials],
    ]


def test_a_killed_evaluation_goes_on_with_the_trials_that_are_missing(
    setting: Setting, whole: Path, tmp_path: Path
) -> None:
    def killed(done: float, note: str) -> None:
        if note.endswith("5 trials passed"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        setting.run(tmp_path, tick=killed)
    with (tmp_path / "evaluation-sft" / "unfinished.jsonl").open("a") as file:
        file.write('{"task": "cut o')
    again = setting.run(tmp_path)
    assert again.manifest.facts["trials_before"] == 5
    assert again.manifest.facts["trials"] == TRIALS_PER_TASK * len(setting.suite.tasks)
    assert wrote(again.folder) == wrote(whole)
    assert not (again.folder / "unfinished.jsonl").exists()


def test_shards_come_together_to_the_whole(setting: Setting, whole: Path, tmp_path: Path) -> None:
    shards = [setting.run(tmp_path, shard=Shard(index=index, count=3)) for index in (1, 2, 3)]
    assert sum(shard.manifest.facts["trials"] for shard in shards) == TRIALS_PER_TASK * len(setting.suite.tasks)
    assert not any((shard.folder / "evaluation.json").exists() for shard in shards)
    together = setting.run(tmp_path)
    assert together.manifest.facts["trials_before"] == together.manifest.facts["trials"]
    assert wrote(together.folder) == wrote(whole)


def test_the_whole_waits_for_the_parts_of_other_machines(
    setting: Setting, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posttrain_arena.cli.evaluation_stage.POLL_SEC", 0.05)
    waited = threading.Event()

    def another_machine() -> None:
        assert waited.wait(60)
        setting.run(tmp_path, shard=Shard(index=2, count=2))

    def tick(done: float, note: str) -> None:
        if note == "waiting for 1 of 2 parts":
            waited.set()

    setting.run(tmp_path, shard=Shard(index=1, count=2))
    with ThreadPoolExecutor(1) as aside:
        other = aside.submit(another_machine)
        together = setting.run(tmp_path, parts=2, tick=tick)
        other.result()
    assert together.manifest.facts["trials_before"] == together.manifest.facts["trials"]
    assert wrote(together.folder) == wrote(whole)


def test_a_shard_that_is_missing_damaged_or_of_another_seed_is_run_by_the_whole(
    setting: Setting, whole: Path, tmp_path: Path
) -> None:
    kept = setting.run(tmp_path, shard=Shard(index=1, count=3))
    damaged = setting.run(tmp_path, shard=Shard(index=2, count=3))
    (damaged.folder / TRIALS).write_bytes(
        (damaged.folder / TRIALS).read_bytes().replace(b'"reward": 0.0', b'"reward": 1.0')
    )
    setting.run(tmp_path, shard=Shard(index=3, count=3), seed=6)
    together = setting.run(tmp_path)
    assert together.manifest.facts["trials_before"] == kept.manifest.facts["trials"]
    assert wrote(together.folder) == wrote(whole)


def test_a_trial_that_was_lost_is_run_again(setting: Setting, whole: Path, tmp_path: Path) -> None:
    log = TrialLog(tmp_path / "evaluation-sft" / "unfinished.jsonl")
    trials = read_trials(whole / TRIALS)
    lost = Failure(stage="start", owner="infrastructure", reason="engine", detail="gone")
    log.append(replace(trials[0], reward=None, passed=False, failure=lost))
    log.append(trials[1])
    (tmp_path / "evaluation-sft" / "inputs.json").write_bytes((whole / "inputs.json").read_bytes())
    again = setting.run(tmp_path)
    assert again.manifest.facts["trials_before"] == 1
    assert wrote(again.folder) == wrote(whole)


def test_a_trial_that_was_lost_with_all_its_retries_stays_lost_unless_the_machine_was_out_of_order(
    setting: Setting, whole: Path, tmp_path: Path
) -> None:
    trials = read_trials(whole / TRIALS)
    failure = Failure(stage="start", owner="infrastructure", reason="engine", detail="gone")
    lost = [replace(trial, reward=None, passed=False, failure=failure, retries=(failure,) * 2) for trial in trials]
    for name, count in (("one", 1), ("all", len(trials))):
        log = TrialLog(tmp_path / name / "evaluation-sft" / "unfinished.jsonl")
        for trial in (*lost[:count], *trials[count:]):
            log.append(trial)
        (tmp_path / name / "evaluation-sft" / "inputs.json").write_bytes((whole / "inputs.json").read_bytes())
    assert _lost(setting.run(tmp_path / "one").folder) == [trials[0].attempt]
    assert _lost(setting.run(tmp_path / "all").folder) == []


def _lost(folder: Path) -> list[int]:
    return [trial.attempt for trial in read_trials(folder / TRIALS) if trial.lost]


@pytest.mark.parametrize("text", ["0/4", "5/4", "2", "a/b", "1/0", "1/2/3", "-1/2", "99999/99999"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="as in 2/4"):
        Shard.parse(text)


def test_a_suite_with_one_package_twice_is_refused(setting: Setting, tmp_path: Path) -> None:
    first = setting.suite.tasks[0]
    twice = replace(setting, suite=replace(setting.suite, tasks=(first, replace(first, id="zz"))))
    with pytest.raises(UsageError, match="same package"):
        twice.run(tmp_path)
