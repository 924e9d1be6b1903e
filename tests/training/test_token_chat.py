"""The chat agent over token ids: the project's own server, a tiny model, and what a policy is trained on."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import InMemoryEngine
from trial_packages import write_package

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.model_server.client import PolicyServer, Sampling, TokenChatModel
from posttrain_arena.adapters.model_server.commands import server_command
from posttrain_arena.adapters.model_server.policy import ServedPolicy
from posttrain_arena.adapters.model_server.process import ModelProcess
from posttrain_arena.adapters.training.embedded import build_base
from posttrain_arena.core.training.sequences import sampled_sequence
from posttrain_arena.core.trial.chat import Chat
from posttrain_arena.core.trial.conversation import Opening
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.simulated_user import UserInPlay
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.errors import ModelServerError
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import BaseModel, Recipe
from posttrain_arena.model.task import Scene, SceneTurn, SimulatedUser

pytestmark = pytest.mark.training
SAMPLING = Sampling(max_tokens=8, temperature=1.0, context=512)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenChatModel]:
    """A model of a few thousand weights that writes at random, behind the project's own server."""
    folder = tmp_path_factory.mktemp("model")
    doc = copy.deepcopy(
        documents.to_document(documents.read_document(documents.REPOSITORY_ROOT / "sky/recipes/tiny.yaml", Recipe))
    )
    doc["model"]["embedded"] |= {"hidden": 32, "heads": 1, "intermediate": 32, "phrases": ["cat ", "echo ", " > out"]}
    doc["model"]["embedded"]["pretraining"] |= {"steps": 2, "batch_size": 2}
    recipe = documents.from_document(Recipe, doc, where="recipe")
    build_base(recipe.model.embedded, out=folder / "base")
    command = server_command(folder / "base", recipe, name="base")
    with ModelProcess(command, log=folder / "log") as process, PolicyServer(process.url, process=process) as server:
        yield TokenChatModel(server=server, model="base", tokens=ChatTokens.load(folder / "base"), sampling=SAMPLING)


def test_the_server_says_how_much_its_model_takes(model: TokenChatModel) -> None:
    assert model.server.endpoint.context_of("base") == 512
    assert model.server.endpoint.context_of("another") is None


def test_a_conversation_of_parts_is_one_sequence_and_a_seed_gives_it_again(model: TokenChatModel) -> None:
    def talk() -> list[tuple[int, ...]]:
        wide = replace(model, sampling=replace(SAMPLING, context=4096))  # a system message is bytes to this tokenizer
        conversation = wide.start(Opening(system="You plan.", prompt="Plan."), TOOLS, seed=5)
        parts: list[tuple[int, ...]] = []
        for step in (lambda: None, lambda: conversation.observe(["alpha"]), lambda: conversation.hear("Go on.")):
            step()
            reply = conversation.reply(max_tokens=None, timeout_sec=30)
            assert reply is not None
            assert reply.token_ids is not None
            assert reply.logprobs is not None
            assert len(reply.token_ids) == len(reply.logprobs) <= 8
            assert reply.fed is not None
            parts += [reply.fed, reply.token_ids]
        return parts

    parts = talk()
    assert parts == talk()
    tokens = model.tokens
    assert parts[0] == tuple(tokens.prompt("Plan.", TOOLS, system="You plan."))
    assert parts[2] == tuple(tokens.tool_results(["alpha"]))
    assert parts[4] == tuple(tokens.user_message("Go on."))


def test_old_tool_output_is_cut_and_what_the_model_wrote_stays_as_sampled(model: TokenChatModel) -> None:
    fitting = replace(model, sampling=replace(SAMPLING, context=400, fit=True))
    conversation = fitting.start(Opening(prompt="Go."), TOOLS, seed=5)
    outputs = ["a" * 120, "b" * 120, "c" * 120]
    replies = [conversation.reply(max_tokens=None, timeout_sec=30)]
    for output in outputs:
        conversation.observe([output])
        replies.append(conversation.reply(max_tokens=None, timeout_sec=30))
    last = replies[-1]
    assert last is not None
    assert last.restarted
    assert last.cut_chars == 240
    assert last.fed is not None
    assert len(last.fed) + SAMPLING.max_tokens <= 400
    marker = model.tokens.tool_results(["[120 characters cut to fit the context]"])
    expected = list(model.tokens.prompt("Go.", TOOLS))
    for reply, seen in zip(replies[:3], [marker, marker, model.tokens.tool_results([outputs[2]])], strict=True):
        assert reply is not None
        expected += [*(reply.token_ids or ()), *seen]
    assert list(last.fed) == expected


def test_without_fitting_a_full_context_ends_the_conversation(model: TokenChatModel) -> None:
    conversation = replace(model, sampling=replace(SAMPLING, context=300)).start(Opening(prompt="Go."), TOOLS, seed=5)
    assert conversation.reply(max_tokens=None, timeout_sec=30) is not None
    conversation.observe(["a" * 300])
    assert conversation.reply(max_tokens=None, timeout_sec=30) is None


def test_a_trial_over_token_ids_is_recorded_as_it_was_sampled(model: TokenChatModel, tmp_path: Path) -> None:
    task = write_package(tmp_path, "scenes")
    (task.path / "verifier" / "expected.txt").write_text("alpha\n", encoding="utf-8")
    turns = (SceneTurn(role="one", prompt="Go.", role_prompt="You plan."),)
    agent = Chat(model=replace(model, sampling=replace(SAMPLING, context=4096)), max_turns=9)
    request = TrialRequest(task=replace(task, scenes=(Scene(name="all", turns=turns),)), agent=agent, seed=1)
    trial = run_trial(request, InMemoryEngine())
    assert (trial.failure, trial.exit_reason) == (None, "token-limit")
    sequence = sampled_sequence(trial)
    assert sequence is not None
    system = f"{task.prompt}\n\nYou plan."
    assert sequence.prompt_ids == tuple(model.tokens.prompt("Go.", TOOLS, system=system))
    assert sequence.completion_ids == trial.trajectory[-1].token_ids
    assert sequence.logprobs == trial.trajectory[-1].logprobs


def test_a_name_that_is_not_served_is_a_failure_that_says_so(model: TokenChatModel) -> None:
    conversation = replace(model, model="gone").start(Opening(prompt="Go."), TOOLS, seed=5)
    with pytest.raises(ModelServerError, match="no model 'gone' here") as caught:
        conversation.reply(max_tokens=None, timeout_sec=30)
    assert caught.value.reason == "model-status"


def test_the_base_model_plays_the_user_of_a_policy(model: TokenChatModel, tmp_path: Path) -> None:
    """The agent's model says something each time; a wide context lets the user, who writes at random, answer."""
    recipe = documents.read_document(documents.REPOSITORY_ROOT / "sky/recipes/tiny.yaml", Recipe)
    wide = replace(recipe, model=BaseModel(embedded=replace(recipe.model.embedded, context=4096)))
    policy = ServedPolicy(server=model.server, tokens=model.tokens, recipe=wide).agent("base")
    task = replace(write_package(tmp_path, "user"), user=SimulatedUser(persona="You wait."))
    user = UserInPlay(policy.user, task, task.user, seed=1)
    answers = [user.answer("Which word?", timeout_sec=60) for _ in range(2)]
    assert all(answer is None or len(answer.text) > 0 for answer in answers)
    assert any(answers), "bytes at random are an answer"
