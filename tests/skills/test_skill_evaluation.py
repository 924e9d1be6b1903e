"""The frozen agent is evaluated with skills and without: one agent, one suite, two evaluations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import InMemoryEngine, InMemorySandbox
from small_agent import small_agent
from trial_packages import write_package

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.model_server.client import PolicyServer
from posttrain_arena.adapters.model_server.policy import BASE, ServedPolicy
from posttrain_arena.adapters.training.skill_lessons import LessonBook, lesson_phrases
from posttrain_arena.cli.demo_skills import AGENT, SHORT, SkillKit, make_skill_kit
from posttrain_arena.cli.evaluation_stage import EvaluationStage
from posttrain_arena.cli.run_context import EvaluationContext, StageResult
from posttrain_arena.cli.skill_sets import read_agent, skill_set
from posttrain_arena.cli.training_stages import base_stage
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.rules.skills import MAX_PAGE_CHARS
from posttrain_arena.core.trial.conversation import Opening, Reply
from posttrain_arena.model import documents
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.reference_agent import equipped
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest
from posttrain_arena.model.trial import ToolCall

pytestmark = pytest.mark.training


class Watched(InMemoryEngine):
    """Remembers what each trial was given."""

    def __init__(self) -> None:
        self.given: list[tuple[Path | None, str]] = []

    @contextmanager
    def open(
        self, task: TaskPackage, image: str, *, isolation: str, skills: Path | None = None
    ) -> Iterator[InMemorySandbox]:
        self.given.append((skills, task.limits.network))
        yield InMemorySandbox(task)


class Reader:
    """A model that reads a page and is done."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def start(self, opening: Opening, tools: Sequence[dict[str, Any]], *, seed: int) -> Reader:
        return self

    def observe(self, outputs: Sequence[str]) -> None:
        self.shown += outputs

    def reply(self, *, max_tokens: int | None, timeout_sec: float) -> Reply:
        calls = () if self.shown else (ToolCall(name="bash", arguments={"command": "cat SKILL.md"}),)
        return Reply(content="", tool_calls=calls, completion_tokens=1, finish_reason="stop")


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> SkillKit:
    return replace(make_skill_kit(tmp_path_factory.mktemp("kit"), SHORT), agent=small_agent())


@pytest.fixture(scope="module")
def context(kit: SkillKit) -> EvaluationContext:
    out = kit.folder / "out"
    return EvaluationContext(recipe=kit.agent, seed=3, engine=Watched(), out=out, bases=kit.folder / "bases")


@pytest.fixture(scope="module")
def base(context: EvaluationContext) -> StageResult:
    return base_stage(context, lambda done, note: None)


def evaluated(kit: SkillKit, context: EvaluationContext, base: StageResult, *, skilled: bool) -> StageResult:
    tasks = {
        name: replace(task, limits=replace(task.limits, network="allowlist", allowed_hosts=("example.org",)))
        for name, task in kit.tasks.items()
    }
    stage = EvaluationStage(
        context=context,
        base=base,
        checkpoint=None,
        suite=(kit.suite, tasks),
        tick=lambda done, note: None,
        skills=skill_set(kit.entry, tree_digest(kit.entry)) if skilled else None,
    )
    return stage.run()


def test_both_sides_are_one_agent_on_one_suite_without_network(
    kit: SkillKit, context: EvaluationContext, base: StageResult
) -> None:
    engine = context.engine
    assert isinstance(engine, Watched)
    found: dict[bool, Evaluation] = {}
    for skilled in (False, True):
        engine.given.clear()
        stage = evaluated(kit, context, base, skilled=skilled)
        found[skilled] = documents.read_document(stage.folder / "evaluation.json", Evaluation)
        assert set(engine.given) == {(kit.entry / "skills" if skilled else None, "no-network")}
        assert ("skills_opened" in stage.manifest.facts) is skilled
    assert (found[False].stage, found[False].checkpoint, found[False].seed) == ("base", base.digest, 0)
    with_skills = equipped(base.digest, tree_digest(kit.entry))
    assert (found[True].stage, found[True].checkpoint, found[True].seed) == ("skills", with_skills, 3)
    assert found[True].suite_digest == found[False].suite_digest == kit.suite.digest


def test_other_skills_are_another_evaluation_and_the_same_ones_are_done(
    kit: SkillKit, context: EvaluationContext, base: StageResult
) -> None:
    evaluated(kit, context, base, skilled=True)
    assert evaluated(kit, context, base, skilled=True).skipped
    page = kit.entry / "skills" / "initials" / "SKILL.md"
    before = page.read_text()
    page.write_text(before + "\nOne more line.\n")
    assert not evaluated(kit, context, base, skilled=True).skipped
    page.write_text(before)


def test_the_longest_page_without_a_warning_is_shown_whole(base: StageResult, tmp_path: Path) -> None:
    frozen = read_competition(documents.REPOSITORY_ROOT / "competition.yaml").reference_agent.document()
    task, model = write_package(tmp_path, "copy-note"), Reader()
    page = "a page " * (MAX_PAGE_CHARS // 7) + "." * (MAX_PAGE_CHARS % 7)
    (task.path / "environment" / "SKILL.md").write_text(page, encoding="utf-8")
    with PolicyServer("http://127.0.0.1:9") as server:
        policy = ServedPolicy(server=server, tokens=ChatTokens.load(base.folder / "model"), recipe=frozen)
        replace(policy.agent(BASE), model=model).act(task, InMemorySandbox(task), seed=0)
    assert model.shown == [page]


def test_lessons_follow_their_seed_and_teach_only_what_the_agent_wrote(base: StageResult) -> None:
    lessons, tokens = read_agent(AGENT).model.source.lessons, ChatTokens.load(base.folder / "model")
    first, again = LessonBook(lessons, tokens), LessonBook(lessons, tokens)
    episodes = [first.draw() for _ in range(5)]
    assert [episode.ids for episode in episodes] == [again.draw().ids for _ in range(5)]
    for episode in episodes:
        own = [token for token, mine in zip(episode.ids, episode.own, strict=True) if mine]
        text, calls = tokens.parse(own)
        assert [call.name for call in calls] == ["bash", "bash", "submit"]
        assert "tool_response" not in text
        assert "available_skills" not in text


def test_no_lesson_has_a_word_of_what_the_examples_scripts_do(kit: SkillKit) -> None:
    taught = " ".join(lesson_phrases(kit.agent.model.source.lessons))
    for script in (kit.entry / "skills").glob("*/scripts/run.sh"):
        command = script.read_text().splitlines()[-1]
        assert command.removesuffix(" > out") not in taught
    assert not {"awk", "sort", "wc", "tr"} & set(taught.split())
