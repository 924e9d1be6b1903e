"""The chat agent over a real wire in a real container: turns, scenes, users, budgets, and what a server does wrong."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_endpoint import SUBMIT, Answer, ScriptedEndpoint, a_token_each, bash, calls, serving
from trial_packages import SMALL, write_package

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.model_server.client import Sampling
from posttrain_arena.adapters.model_server.endpoint import Endpoint
from posttrain_arena.adapters.model_server.messages import MessageChatModel
from posttrain_arena.core.trial.agents import Noop, Oracle
from posttrain_arena.core.trial.chat import Chat
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.simulated_user import DONE
from posttrain_arena.model import documents
from posttrain_arena.model.task import Scene, SceneTurn, SimulatedUser, TaskPackage
from posttrain_arena.model.trial import Trial

pytestmark = pytest.mark.docker
SAMPLING = Sampling(max_tokens=64, temperature=1.0, context=8192, fit=True)
LETTER = SimulatedUser(persona="You are in a hurry.", private_facts=(("word", "alpha"),), max_rounds=2)


class Desk:
    """Runs trials of one package by chat agents whose models are scripts."""

    def __init__(self, engine: DockerEngine, task: TaskPackage, stack: ExitStack, out: Path) -> None:
        self.task = task
        self._engine = engine
        self._stack = stack
        self._out = out

    def model(
        self, answers: list[Answer], *, sampling: Sampling = SAMPLING, timeout_sec: float = 20, **options: Any
    ) -> tuple[MessageChatModel, ScriptedEndpoint]:
        script = ScriptedEndpoint(answers, **options)
        endpoint = Endpoint(self._stack.enter_context(serving(script)), timeout_sec=timeout_sec)
        self._stack.callback(endpoint.close)
        return MessageChatModel(endpoint=endpoint, model="m", sampling=sampling), script

    def trial(self, model: MessageChatModel, *, task: TaskPackage | None = None, **options: Any) -> Trial:
        agent = Chat(model=model, **{"max_turns": 10, **options})
        trial = run_trial(TrialRequest(task=task or self.task, agent=agent, seed=3), self._engine)
        documents.write_document(self._out / "trial.json", trial)  # whatever happens, the record is whole
        assert documents.read_document(self._out / "trial.json", Trial) == trial
        return trial


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> TaskPackage:
    return write_package(tmp_path_factory.mktemp("packages"), "chat-copy-note")


@pytest.fixture
def desk(engine: DockerEngine, task: TaskPackage, tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(engine, task, stack, tmp_path)


def said(script: ScriptedEndpoint, request: int) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in script.requests[request]["messages"]]


def by(trial: Trial, role: str) -> list[str]:
    return [turn.content for turn in trial.trajectory if turn.role == role]


def test_a_model_works_over_several_turns_and_submits(desk: Desk) -> None:
    model, script = desk.model(
        [calls(("bash", {"command": "cd /tmp; cat /root/note"}), ("bash", {"command": "false"}), content="Look."),
         bash("pwd; echo alpha > /root/out"), SUBMIT],
        tokens=len,
    )  # fmt: skip
    trial = desk.trial(model)
    assert (trial.reward, trial.passed, trial.exit_reason, trial.failure) == (1.0, True, "submitted", None)
    assert [turn.role for turn in trial.trajectory] == [
        "user",
        "assistant",
        "tool",
        "tool",
        "assistant",
        "tool",
        "assistant",
    ]
    assert by(trial, "tool") == ["alpha", "\n[exit status 1]", "/tmp"]
    assert [turn.exit_code for turn in trial.trajectory if turn.role == "tool"] == [0, 1, 0]
    assert [(turn.prompt_tokens, turn.completion_tokens) for turn in trial.trajectory if turn.role == "assistant"] == [
        (1, 7), (4, 7), (6, 7)
    ]  # fmt: skip
    assert said(script, 1)[1:] == [("assistant", "Look."), ("tool", "alpha"), ("tool", "\n[exit status 1]")]
    assert [message.get("tool_call_id") for message in script.requests[1]["messages"][2:]] == ["id-0", "id-1"]
    assert {tool["function"]["name"] for tool in script.requests[0]["tools"]} == {"bash", "submit"}
    assert trial.timings.model_sec > 0


def test_ids_and_log_probabilities_are_recorded_where_the_server_gives_them(desk: Desk) -> None:
    model, _ = desk.model([bash("true"), SUBMIT], ids=a_token_each)
    turns = desk.trial(model).trajectory
    assert [turn.token_ids for turn in turns] == [(0,), (1,), (2,), (3,)]
    assert [turn.logprobs for turn in turns] == [None, (-0.5,), None, (-0.5,)]
    assert {turn.context for turn in turns} == {0}


def test_a_prompt_that_does_not_continue_the_one_before_is_recorded_whole(desk: Desk) -> None:
    """Some templates write earlier messages in another way once the conversation goes on."""
    model, _ = desk.model([bash("true"), SUBMIT], ids=lambda messages: [10 * messages + i for i in range(messages)])
    turns = desk.trial(model).trajectory
    assert [(turn.role, turn.context, turn.token_ids) for turn in turns] == [
        ("user", 0, (10,)),
        ("assistant", 0, (1,)),
        ("tool", 0, None),
        ("context", 1, (30, 31, 32)),
        ("assistant", 1, (3,)),
    ]


def test_a_server_that_refuses_to_be_asked_for_ids_is_asked_without(desk: Desk) -> None:
    model, script = desk.model([bash("echo alpha > out"), SUBMIT], takes_extras=False)
    trial = desk.trial(model)
    assert trial.passed
    assert all(turn.token_ids is None and turn.logprobs is None for turn in trial.trajectory)
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (calls(("bash", '{"command": ')), "not a JSON object"),
        (calls(("bash", "[]")), "not a JSON object"),
        (calls(("bash", "")), "not a JSON object"),
        (calls(("bash", '{"command": "\\ud800"}')), "not a JSON object"),
        (calls(("bash", '{"command": 1e999}')), "not a JSON object"),
        (calls(("bash", {"command": ["ls"]})), 'one string argument, "command"'),
        (calls(("python", {"code": "1"})), "unknown tool 'python'"),
        (calls(("bash", {"command": "exit 3"})), "exit status 3"),
    ],
    ids=["broken", "list", "nothing", "surrogate", "infinite", "wrong-type", "unknown-tool", "shell-ended"],
)
def test_what_the_model_does_wrong_is_told_to_it_and_the_trial_goes_on(
    desk: Desk, wrong: dict[str, Any], told: str
) -> None:
    model, script = desk.model([wrong, bash("cd /root; echo alpha > out"), SUBMIT])
    trial = desk.trial(model)
    assert (trial.passed, trial.failure) == (True, None)
    assert told in said(script, 1)[2][1]
    echoed = script.requests[1]["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert isinstance(json.loads(echoed), dict)  # a server that renders it again does not stumble


def test_a_message_without_a_tool_call_ends_the_trial(desk: Desk) -> None:
    model, _ = desk.model([{"content": "I am done."}])
    trial = desk.trial(model)
    assert (trial.exit_reason, trial.reward, trial.failure) == ("completed", 0.0, None)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (500, "model-status"),
        (429, "model-status"),
        (400, "model-status"),
        (b"<html>bad gateway</html>", "model-answer"),
        (b'{"choices": [', "model-answer"),
        (b'{"choices": []}', "model-answer"),
        (b'{"choices": [{"message": {"content": 7}}]}', "model-answer"),
        (b'{"choices": [{"message": {"content": "x"}, "token_ids": [-1]}]}', "model-answer"),
        (b'{"choices": [{"message": {"content": "' + b"x" * 1_100_000 + b'"}}]}', "model-answer"),
        (b"[" * 100_000, "model-answer"),
        (3.0, "model-timeout"),
    ],
    ids=["500", "429", "400", "html", "cut", "empty", "wrong-type", "ids", "endless", "deep", "silent"],
)
def test_what_the_server_does_wrong_is_a_failure_of_the_infrastructure(desk: Desk, fault: Answer, reason: str) -> None:
    model, _ = desk.model([bash("echo alpha > out"), fault, fault], timeout_sec=1)
    trial = desk.trial(model)
    assert trial.failure is not None
    assert (trial.failure.stage, trial.failure.owner, trial.failure.reason) == ("agent", "infrastructure", reason)
    assert (trial.exit_reason, trial.passed) == ("failed", False)
    assert by(trial, "tool") == [""], "what was done before is in the record"


def test_a_server_that_is_not_there_is_a_failure_of_the_infrastructure(desk: Desk) -> None:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        endpoint = Endpoint(f"http://127.0.0.1:{port.getsockname()[1]}")
        trial = desk.trial(MessageChatModel(endpoint=endpoint, model="m", sampling=SAMPLING))
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.reason) == ("infrastructure", "model-unreachable")


def test_the_oldest_tool_outputs_are_cut_and_nothing_else(desk: Desk) -> None:
    """The server counts a token for each character; 2400 hold the prompt and two outputs, not three."""
    many = [bash(f"printf '{letter}%.0s' $(seq 900)") for letter in "abcd"]
    sampling = replace(SAMPLING, context=2400 + SAMPLING.max_tokens)
    options: dict[str, Any] = {
        "tokens": lambda messages: sum(len(message["content"]) for message in messages),
        "ids": a_token_each,
        "sampling": sampling,
    }
    model, script = desk.model([*many, SUBMIT], **options)
    trial = desk.trial(model)
    assert trial.exit_reason == "submitted"
    tools = [[content for role, content in said(script, request) if role == "tool"] for request in (2, 3, 4)]
    assert [[content[:3] for content in shown] for shown in tools] == [
        ["aaa", "bbb"],
        ["[90", "[90", "ccc"],
        ["[90", "[90", "ccc", "ddd"],
    ]
    assert tools[1][0] == "[900 characters cut to fit the context]"
    prompts = [said(script, request) for request in range(5)]
    assert all(prompt[0] == ("user", desk.task.prompt) for prompt in prompts)
    cuts = [turn for turn in trial.trajectory if turn.role == "context"]
    assert [turn.cut_chars % 900 for turn in cuts] == [0] * len(cuts)
    assert len({turn.context for turn in trial.trajectory}) == 1 + len(cuts)
    assert all(turn.token_ids is not None for turn in cuts), "a new context has its whole prompt"
    again, same = desk.model([*many, SUBMIT], **options)
    desk.trial(again)
    assert [request["messages"] for request in same.requests] == [request["messages"] for request in script.requests]


def test_a_context_that_no_cut_makes_fit_ends_the_trial(desk: Desk) -> None:
    model, script = desk.model([SUBMIT], sampling=replace(SAMPLING, context=SAMPLING.max_tokens + 50))
    trial = desk.trial(model)
    assert (trial.exit_reason, trial.failure) == ("token-limit", None)
    assert script.requests == []


def test_budgets_end_the_trial_and_its_work_is_scored(desk: Desk) -> None:
    write = bash("echo alpha > out")
    endings = []
    for options, more in (
        ({"max_turns": 2}, [write, write]),
        ({"max_total_tokens": 14}, [write, write]),
        ({}, [write, {"content": "and so on", "finish_reason": "length"}]),
        ({}, [write, bash("sleep 60")]),
    ):
        model, script = desk.model(more, tokens=len)
        slow = replace(desk.task, limits=replace(SMALL, agent_timeout_sec=3))
        trial = desk.trial(model, task=slow, **options)
        endings.append(trial.exit_reason)
        assert (trial.reward, trial.failure, len(script.requests)) == (1.0, None, 2)
    assert endings == ["turn-limit", "token-limit", "token-limit", "timeout"]


def test_a_model_that_thinks_beyond_the_tasks_time_is_timed_out_and_not_the_servers_fault(desk: Desk) -> None:
    model, _ = desk.model([bash("echo alpha > out"), 5.0])
    trial = desk.trial(model, task=replace(desk.task, limits=replace(SMALL, agent_timeout_sec=1.5)))
    assert (trial.exit_reason, trial.reward, trial.failure) == ("timeout", 1.0, None)
    assert trial.timings.agent_sec < 4


def test_the_last_message_gets_what_is_left_of_the_token_budget(desk: Desk) -> None:
    model, script = desk.model([bash("true"), SUBMIT], tokens=len)
    desk.trial(model, max_total_tokens=20)
    assert [request["max_tokens"] for request in script.requests] == [20, 13]


def scene(name: str, *turns: tuple[str, str], **options: Any) -> Scene:
    return Scene(
        name=name,
        turns=tuple(
            SceneTurn(role=role, prompt=prompt, role_prompt=f"You are the {role}.", **options) for role, prompt in turns
        ),
    )


def test_scenes_run_in_order_in_one_sandbox_and_roles_remember_within_a_scene(desk: Desk) -> None:
    scenes = (
        scene("plan", ("planner", "Write a plan."), ("critic", "Find its faults."), ("planner", "Mend it.")),
        scene("work", ("planner", "Do it.")),
    )
    model, script = desk.model(
        [bash("cat note > plan"), SUBMIT, {"content": "Fine."}, bash("cat plan"), {"content": "Mended."},
         bash("cp plan out"), SUBMIT],
        ids=a_token_each,
    )  # fmt: skip
    trial = desk.trial(model, task=replace(desk.task, scenes=scenes))
    assert (trial.passed, trial.exit_reason) == (True, "submitted")
    known = f"{desk.task.prompt}\n\nYou are the planner."
    assert said(script, 0) == [("system", known), ("user", "Write a plan.")]
    assert said(script, 2)[1] == ("user", "Find its faults.")
    assert [content for _, content in said(script, 3)][-2:] == ["The work was handed in.", "Mend it."]
    assert "Fine." not in str(script.requests[3])
    assert said(script, 5) == [("system", known), ("user", "Do it.")]
    assert len({request["seed"] for request in script.requests}) == len(script.requests), "each samples on its own"
    places = [(turn.scene, turn.participant, turn.context) for turn in trial.trajectory if turn.role == "assistant"]
    assert places == [
        *[("plan", "planner", 0)] * 2,
        ("plan", "critic", 1),
        *[("plan", "planner", 0)] * 2,
        *[("work", "planner", 2)] * 2,
    ]
    first = [turn.token_ids for turn in trial.trajectory if turn.context == 0]
    assert [token for ids in first for token in ids or ()] == list(range(10))


def test_a_role_may_have_a_model_of_its_own(desk: Desk) -> None:
    scenes = (scene("all", ("planner", "Plan."), ("doer", "Do.")),)
    planner, first = desk.model([{"content": "Do it."}])
    doer, second = desk.model([bash("echo alpha > out"), SUBMIT])
    trial = desk.trial(planner, task=replace(desk.task, scenes=scenes), role_models={"doer": doer})
    assert trial.passed
    assert (len(first.requests), len(second.requests)) == (1, 2)


def test_a_role_whose_time_is_over_ends_the_trial(desk: Desk) -> None:
    scenes = (scene("slow", ("doer", "Do."), timeout_sec=1), scene("next", ("doer", "Do more.")))
    model, script = desk.model([bash("echo alpha > out; sleep 30")])
    trial = desk.trial(model, task=replace(desk.task, scenes=scenes))
    assert (trial.exit_reason, trial.reward, len(script.requests)) == ("timeout", 1.0, 1)
    idle = (scene("idle", ("doer", "Do."), idle_timeout_sec=1),)
    model, _ = desk.model([3.0])
    trial = desk.trial(model, task=replace(desk.task, scenes=idle))
    assert (trial.exit_reason, trial.failure) == ("timeout", None)


def test_a_user_answers_from_its_persona_until_it_is_satisfied(desk: Desk) -> None:
    model, script = desk.model(
        [bash("cat note; cat /etc/hostname"), {"content": "<think>secret</think>Which word?"}, bash("echo alpha > out"),
         {"content": "Done."}]
    )  # fmt: skip
    person, heard = desk.model(
        [{"content": "<think>they ask</think>The word is alpha."}, {"content": f"Thanks. {DONE}"}]
    )
    trial = desk.trial(model, task=replace(desk.task, user=LETTER), user=person)
    assert (trial.passed, trial.exit_reason) == (True, "completed")
    assert by(trial, "user") == [desk.task.prompt, "The word is alpha."]
    assert said(script, 2)[-1] == ("user", "The word is alpha.")
    part = said(heard, 0)[0][1]
    assert all(text in part for text in ("You are in a hurry.", "- word: alpha", desk.task.prompt, '"satisfied"'))
    assert said(heard, 1)[1:] == [
        ("user", "Which word?"),
        ("assistant", "<think>they ask</think>The word is alpha."),
        ("user", "Done."),
    ]
    assert all("tools" not in request and "tool" not in str(request["messages"]) for request in heard.requests)
    assert "You are in a hurry." not in str(script.requests)


def test_a_user_stops_after_its_rounds_and_keeps_to_them_over_all_scenes(desk: Desk) -> None:
    scenes = (scene("one", ("asker", "Ask.")), scene("two", ("asker", "Ask more.")))
    model, script = desk.model([{"content": "Why?"}, {"content": "And then?"}, {"content": "And?"}, {"content": "Oh."}])
    person, heard = desk.model([{"content": "Because."}, {"content": "Nothing."}])
    trial = desk.trial(model, task=replace(desk.task, scenes=scenes, user=LETTER), user=person)
    assert (trial.exit_reason, len(script.requests), len(heard.requests)) == ("completed", 4, 2)


def test_the_users_time_is_not_the_agents(desk: Desk) -> None:
    model, _ = desk.model([{"content": "Which word?"}, bash("echo alpha > out"), SUBMIT])
    person, _ = desk.model([{"content": "The word is alpha.", "delay": 2.0}])
    scenes = (scene("all", ("doer", "Do."), timeout_sec=1.5),)
    limits = replace(SMALL, agent_timeout_sec=1.5)
    trial = desk.trial(model, task=replace(desk.task, user=LETTER, limits=limits, scenes=scenes), user=person)
    assert (trial.exit_reason, trial.passed) == ("submitted", True)


def test_handing_in_does_not_ask_the_user(desk: Desk) -> None:
    model, _ = desk.model([bash("echo alpha > out"), SUBMIT])
    person, heard = desk.model([])
    trial = desk.trial(model, task=replace(desk.task, user=LETTER), user=person)
    assert (trial.exit_reason, heard.requests) == ("submitted", [])


def test_a_user_whose_server_fails_is_a_failure_of_the_infrastructure(desk: Desk) -> None:
    model, _ = desk.model([{"content": "Which word?"}])
    person, _ = desk.model([503])
    trial = desk.trial(model, task=replace(desk.task, user=LETTER), user=person)
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.reason) == ("infrastructure", "user-status")


def test_a_task_with_a_user_and_no_model_for_it_says_what_to_give(desk: Desk, engine: DockerEngine) -> None:
    model, script = desk.model([SUBMIT])
    task = replace(desk.task, user=LETTER)
    trial = desk.trial(model, task=task)
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.reason, script.requests) == ("infrastructure", "user-missing", [])
    assert "--user-endpoint" in trial.failure.detail
    rewards = [run_trial(TrialRequest(task=task, agent=agent), engine).reward for agent in (Oracle(), Noop())]
    assert rewards == [1.0, 0.0]
