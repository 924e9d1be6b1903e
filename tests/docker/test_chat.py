"""The chat agent over a real wire in a real container: turns, budgets, and what a server does wrong."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import Any

import pytest
from chat_desk import SAMPLING, Desk, by, said
from scripted_endpoint import SUBMIT, Answer, a_token_each, bash, calls
from trial_packages import SMALL

from posttrain_arena.adapters.model_server.endpoint import Endpoint
from posttrain_arena.adapters.model_server.messages import MessageChatModel

pytestmark = pytest.mark.docker


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
