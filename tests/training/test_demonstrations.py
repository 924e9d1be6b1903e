"""Demonstrations: a teacher tries until the verifier passes it; what it cost and what it could not do is told."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from fakes import InMemoryEngine, a_trial
from scripted_endpoint import SUBMIT, Answer, ScriptedEndpoint, bash, serving

from posttrain_arena.cli.demonstration_stage import ENDPOINT, KEY, demonstration_stage, demonstrations, trainable
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.cli.packages import load_package
from posttrain_arena.cli.run_context import RunContext
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.training.demonstrations import demonstrate, told
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.errors import EngineError, TrainingError, UsageError
from posttrain_arena.model.demonstrations import Demonstrations
from posttrain_arena.model.documents import REPOSITORY_ROOT, read_document
from posttrain_arena.model.recipe import ChatTeacher, Teacher
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Failure, Trial, Turn

TINY = read_recipe(REPOSITORY_ROOT / "sky" / "recipes" / "tiny.yaml")
CHAT = ChatTeacher(
    model="m", max_turns=4, max_tokens=100, context=4096, temperature=1.0, prompt_price=1.0, completion_price=10.0
)


@pytest.fixture
def tasks(tmp_path: Path) -> list[TaskPackage]:
    folders = render_family(FAMILIES / "copy-colour", Draw(split="train", count=3, seed=0), out=tmp_path / "tasks")
    return [load_package(folder) for folder in folders]


def a_run(tmp_path: Path, teacher: Teacher) -> RunContext:
    recipe = dataclasses.replace(TINY, teacher=teacher, rollout=dataclasses.replace(TINY.rollout, concurrency=1))
    return RunContext(recipe=recipe, seed=1, engine=InMemoryEngine(), out=tmp_path / "out", bases=tmp_path / "bases")


def silent(fraction: float, note: str) -> None:
    """Take a tick nobody needs to hear."""


def test_a_task_is_tried_until_it_passes_or_the_attempts_are_used_up(tasks: list[TaskPackage]) -> None:
    passes_at = dict(zip([task.name for task in tasks], (0, 2, 9), strict=True))
    asked: list[list[str]] = []

    def run(some: list[TaskPackage], attempt: int) -> list[Trial]:
        asked.append([task.name for task in some])
        return [
            a_trial(task=task.name, attempt=attempt, reward=float(attempt == passes_at[task.name])) for task in some
        ]

    trials = demonstrate(tasks, 4, run)
    names = [task.name for task in tasks]
    assert asked == [names, names[1:], names[1:], names[2:]]
    summary = told(tasks, trials, Teacher(attempts=4, chat=None))
    assert [(row.task, row.attempts, row.passed) for row in summary.tasks] == [
        (names[0], 1, 1),
        (names[1], 3, 1),
        (names[2], 4, 0),
    ]


def test_cost_is_what_was_read_and_written_at_the_recipes_prices(tasks: list[TaskPackage]) -> None:
    turns = (
        Turn(role="user", content="", completion_tokens=1000),  # a simulated user's, not the teacher's
        Turn(role="assistant", content="", prompt_tokens=200_000, completion_tokens=50_000),
        Turn(role="assistant", content="", prompt_tokens=300_000, completion_tokens=0),
    )
    lost = Failure(stage="agent", owner="infrastructure", reason="model-timeout", detail="")
    trials = [
        a_trial(task=tasks[0].name, reward=1.0, trajectory=turns),
        a_trial(task=tasks[1].name, reward=None, failure=lost),
    ]
    first, second, _ = told(tasks, trials, Teacher(attempts=1, chat=CHAT)).tasks
    assert (first.prompt_tokens, first.completion_tokens, first.cost_usd) == (500_000, 50_000, 1.0)
    assert (second.lost, second.cost_usd) == (1, 0.0)
    before = a_trial(task=tasks[1].name, reward=None, failure=lost, trajectory=turns)
    _, second, _ = told(tasks, trials, Teacher(attempts=1, chat=CHAT), again=[before]).tasks
    assert (second.attempts, second.lost, second.cost_usd) == (1, 1, 1.0), "what was lost and run again is paid for"


def test_the_oracle_demonstrates_and_what_it_cannot_do_is_not_trained_on(
    tasks: list[TaskPackage], tmp_path: Path
) -> None:
    broken = tasks[1].path / "oracle" / "solve.sh"
    broken.write_text("cat nothing-here\n", encoding="utf-8")
    context = a_run(tmp_path, Teacher(attempts=1, chat=None))
    stage = demonstration_stage(context, tasks, silent)
    assert [task.name for task in trainable(context, stage, tasks)] == [tasks[0].name, tasks[2].name]
    assert {trial.task for trial in demonstrations(stage)} == {tasks[0].name, tasks[2].name}
    assert stage.manifest.facts["unsolved"] == tasks[1].name
    assert read_document(stage.folder / "demonstrations.json", Demonstrations).teacher == "oracle"


def solving(task: TaskPackage) -> list[Answer]:
    """Return a teacher's messages that do what the oracle does."""
    commands = (task.path / "oracle" / "solve.sh").read_text(encoding="utf-8").splitlines()
    return [*(bash(line) for line in commands if line and not line.startswith("#")), SUBMIT]


def test_a_chat_teacher_demonstrates_what_its_verifier_passes(
    tasks: list[TaskPackage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It solves the first task at once, the second at its second try, the third never; all three are trained on."""
    agent = ScriptedEndpoint([*solving(tasks[0]), SUBMIT, SUBMIT, *solving(tasks[1]), SUBMIT], tokens=len)
    with serving(agent) as url:
        monkeypatch.setenv(ENDPOINT, url)
        monkeypatch.setenv(KEY, "the-teachers-key")
        context = a_run(tmp_path, Teacher(attempts=2, chat=CHAT))
        stage = demonstration_stage(context, tasks, silent)
    assert [trial.task for trial in demonstrations(stage)] == [tasks[0].name, tasks[1].name]
    assert trainable(context, stage, tasks) == tasks
    rows = read_document(stage.folder / "demonstrations.json", Demonstrations).tasks
    assert [(row.attempts, row.passed) for row in rows] == [(1, 1), (2, 1), (2, 0)]
    assert all(row.cost_usd > 0 and row.completion_tokens > 0 for row in rows)
    assert agent.headers[0]["Authorization"] == "Bearer the-teachers-key"
    assert "the-teachers-key" not in json.dumps([path.read_text() for path in stage.folder.glob("*.json*")])


def test_demonstrations_that_the_machine_lost_are_not_laid_to_the_packages(
    tasks: list[TaskPackage], tmp_path: Path
) -> None:
    class Away(InMemoryEngine):
        def build(self, task: TaskPackage) -> str:
            raise EngineError("it is away", reason="engine-away")

    context = dataclasses.replace(a_run(tmp_path, Teacher(attempts=1, chat=None)), engine=Away())
    with pytest.raises(TrainingError, match=r"demonstrations: the infrastructure lost 3 of 3 trials") as caught:
        demonstration_stage(context, tasks, silent)
    assert caught.value.owner == "infrastructure"
    again = demonstration_stage(dataclasses.replace(context, engine=InMemoryEngine()), tasks, silent)
    assert again.manifest.facts["passed"] == 3


def test_what_a_teacher_did_before_the_machine_was_taken_is_not_paid_for_twice(
    tasks: list[TaskPackage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The teacher has each message once: asked for a trial a second time, it would run out of them."""

    class Taken(InMemoryEngine):
        def build(self, task: TaskPackage) -> str:
            if task.name == tasks[2].name:
                raise KeyboardInterrupt
            return super().build(task)

    agent = ScriptedEndpoint([*solving(tasks[0]), SUBMIT, SUBMIT, *solving(tasks[1]), SUBMIT], tokens=len)
    with serving(agent) as url:
        monkeypatch.setenv(ENDPOINT, url)
        context = a_run(tmp_path, Teacher(attempts=2, chat=CHAT))
        with pytest.raises(KeyboardInterrupt):
            demonstration_stage(dataclasses.replace(context, engine=Taken()), tasks, silent)
        stage = demonstration_stage(context, tasks, silent)
    rows = read_document(stage.folder / "demonstrations.json", Demonstrations).tasks
    assert [(row.attempts, row.passed) for row in rows] == [(1, 1), (2, 1), (2, 0)]
    assert stage.manifest.facts["trials_before"] == 2
    assert sum(row.completion_tokens for row in rows) == 7 * len(agent.requests)
    assert sorted(path.name for path in stage.folder.glob("*.jsonl")) == ["trials.jsonl"]


def test_what_was_lost_is_run_again_and_nothing_else(
    tasks: list[TaskPackage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(InMemoryEngine):
        def build(self, task: TaskPackage) -> str:
            if task.name == tasks[1].name:
                raise EngineError("it is away", reason="engine-away")
            return super().build(task)

    agent = ScriptedEndpoint([*solving(tasks[0]), *solving(tasks[2]), *solving(tasks[1])], tokens=len)
    with serving(agent) as url:
        monkeypatch.setenv(ENDPOINT, url)
        context = a_run(tmp_path, Teacher(attempts=1, chat=CHAT))
        with pytest.raises(TrainingError, match=r"lost 1 of 3 trials \(engine-away\): run again, it goes on from"):
            demonstration_stage(dataclasses.replace(context, engine=Away()), tasks, silent)
        stage = demonstration_stage(context, tasks, silent)
    assert [trial.task for trial in demonstrations(stage)] == [task.name for task in tasks]
    assert stage.manifest.facts["trials_before"] == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_the_teacher_refuses_is_ours_to_mend_and_asked_with_once_a_trial(
    tasks: list[TaskPackage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    agent = ScriptedEndpoint([status] * len(tasks))
    with serving(agent) as url:
        monkeypatch.setenv(ENDPOINT, url)
        context = a_run(tmp_path, Teacher(attempts=1, chat=CHAT))
        with pytest.raises(TrainingError, match=rf"3 of 3 trials were lost \(model-key\): .*status {status}") as caught:
            demonstration_stage(context, tasks, silent)
    assert caught.value.owner == "us"
    assert len(agent.requests) == len(tasks)


def test_a_teacher_without_an_address_says_where_to_put_it(
    tasks: list[TaskPackage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    with pytest.raises(UsageError, match=f"put the address of its server into {ENDPOINT}"):
        demonstration_stage(a_run(tmp_path, Teacher(attempts=1, chat=CHAT)), tasks, silent)
