"""The frozen agent is evaluated with skills and without: one agent, one suite, two evaluations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import InMemoryEngine, InMemorySandbox
from small_agent import small_agent

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.training.skill_lessons import LessonBook, lesson_phrases
from posttrain_arena.cli.demo_skills import AGENT, SHORT, SkillKit, make_skill_kit
from posttrain_arena.cli.evaluation_stage import EvaluationStage
from posttrain_arena.cli.run_context import EvaluationContext, StageResult
from posttrain_arena.cli.skill_sets import read_agent, skill_set
from posttrain_arena.cli.training_stages import base_stage
from posttrain_arena.model import documents
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.reference_agent import equipped
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest

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
