"""Scenes, roles and a simulated user, over a real wire in a real container."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from chat_desk import Desk, by, said
from scripted_endpoint import SUBMIT, a_token_each, bash
from trial_packages import SMALL

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.trial.agents import Noop, Oracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.simulated_user import DONE
from posttrain_arena.model.task import Scene, SceneTurn, SimulatedUser

pytestmark = pytest.mark.docker
LETTER = SimulatedUser(persona="You are in a hurry.", private_facts=(("word", "alpha"),), max_rounds=2)


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
