"""The ``chat`` agent: a model with a ``bash`` tool and ``submit``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from posttrain_arena.core.trial.agents import AgentRun
from posttrain_arena.core.trial.conversation import ChatModel, Opening, Reply
from posttrain_arena.core.trial.sandbox import CommandResult, Sandbox
from posttrain_arena.core.trial.simulated_user import Answer, UserInPlay
from posttrain_arena.core.trial.skills import SkillCard, catalogue
from posttrain_arena.core.trial.tools import BASH, SUBMIT, TOOLS
from posttrain_arena.core.trial.trajectory import Talk, Trajectory
from posttrain_arena.errors import ModelServerError
from posttrain_arena.model.seeds import derive_seed
from posttrain_arena.model.task import Scene, SceneTurn, TaskPackage
from posttrain_arena.model.trial import OUTPUT_LIMIT, ExitReason, Failure, Owner, ToolCall

NEVER = float("inf")
USER_TIMEOUT_SEC = 120
"""Far above what one short answer of a model takes; a user that is silent longer is a broken server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Lets ``model`` act for at most ``max_turns`` messages and ``max_total_tokens`` sampled tokens.

    ``role_models`` play single roles in its place, ``user`` plays the simulated user of the tasks that have one. Tool
    output beyond ``output_limit`` characters is cut. ``skills`` are told of at the head of every system prompt.
    """

    model: ChatModel
    max_turns: int
    max_total_tokens: int | None = None
    output_limit: int = OUTPUT_LIMIT
    role_models: Mapping[str, ChatModel] = field(default_factory=dict)
    user: ChatModel | None = None
    skills: tuple[SkillCard, ...] = ()
    name: str = "chat"

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        """Play the scenes of the task, or its one turn where it has none, until they are done or a limit is met."""
        if task.user is not None and self.user is None:
            what = "the task has a simulated user, and no model plays it: give --user-endpoint and --user-model"
            return AgentRun(exit_reason="failed", failure=_lost("user-missing", what))
        user = UserInPlay(self.user, task, task.user, seed=seed) if self.user and task.user else None
        play = _Play(agent=self, task=task, sandbox=sandbox, seed=seed, user=user)
        try:
            return play.result(play.scenes())
        except ModelServerError as error:
            ended = time.monotonic() >= play.wait_ends
            if ended and error.reason.endswith("-timeout"):  # the task's time ended the wait, not the server's own
                return play.result("timeout")
            return play.result("failed", _lost(error.reason, str(error)[:1000], owner=error.owner))


@dataclass(slots=True, kw_only=True)
class _Play:
    """The state of one agent phase; wall seconds throughout."""

    agent: Chat
    task: TaskPackage
    sandbox: Sandbox
    seed: int
    user: UserInPlay | None
    began: float = field(default_factory=time.monotonic)
    turn_deadline: float = NEVER
    idle_sec: float = NEVER
    wait_ends: float = NEVER
    messages: int = 0
    sampled: int = 0
    trajectory: Trajectory = field(default_factory=Trajectory)

    def scenes(self) -> ExitReason:
        """Play all scenes; a role keeps its conversation within a scene and begins a new one in the next."""
        reason: ExitReason = "completed"
        for scene in self.task.scenes or (Scene(turns=(SceneTurn(prompt=self.task.prompt),)),):
            talks: dict[str, Talk] = {}
            for turn in scene.turns:
                if turn.role in talks:
                    talks[turn.role].hear(turn.prompt)
                else:
                    talks[turn.role] = self._begin(scene, turn)
                self.turn_deadline = time.monotonic() + (turn.timeout_sec or NEVER)
                self.idle_sec = turn.idle_timeout_sec or NEVER
                reason = self._turn(talks[turn.role])
                if reason not in ("completed", "submitted"):
                    return reason
        return reason

    def left(self) -> float:
        """Return the seconds that the role in play has."""
        now = time.monotonic()
        return min(self.began + self.task.limits.agent_timeout_sec, self.turn_deadline) - now

    def result(self, reason: ExitReason, failure: Failure | None = None) -> AgentRun:
        turns, model_sec = tuple(self.trajectory.turns), self.trajectory.model_sec
        return AgentRun(exit_reason=reason, trajectory=turns, failure=failure, model_sec=model_sec)

    def _begin(self, scene: Scene, turn: SceneTurn) -> Talk:
        """Open a role's conversation: it knows the task and its role whatever the scene says."""
        task = [self.task.prompt, turn.role_prompt] if turn.role else []
        before = dict.fromkeys([catalogue(self.agent.skills), *task])
        opening = Opening(
            system="\n\n".join(text for text in before if text and text != turn.prompt), prompt=turn.prompt
        )
        model = self.agent.role_models.get(turn.role, self.agent.model)
        contexts = self.trajectory.contexts
        seed = derive_seed(self.seed, "conversation", contexts) if contexts else self.seed
        conversation = model.start(opening, TOOLS, seed=seed)
        return Talk(conversation, opening, self.trajectory, scene=scene.name, participant=turn.role)

    def _turn(self, talk: Talk) -> ExitReason:
        """Let a role act until it has submitted, or has said what the user has no answer to."""
        while True:
            reason, said = self._act(talk)
            if reason != "completed" or self.user is None:
                return reason
            answer = self._ask_user(self.user, said)
            if answer is None:
                return "completed"
            talk.hear(answer.text, answer)

    def _ask_user(self, user: UserInPlay, said: str) -> Answer | None:
        """Let the user answer; how long that takes is not the agent's time."""
        self.wait_ends = NEVER
        asked = time.monotonic()
        answer = user.answer(said, timeout_sec=USER_TIMEOUT_SEC)
        self._forgive(time.monotonic() - asked)
        return answer

    def _forgive(self, seconds: float) -> None:
        """Count seconds that others took as if they had not passed."""
        self.began += seconds
        self.turn_deadline += seconds

    def _act(self, talk: Talk) -> tuple[ExitReason, str]:
        """Alternate messages and tool results until the model calls no tool; return why, and what it said last."""
        while (stop := self._limit_met()) is None:
            reply = talk.reply(max_tokens=self._tokens_left(), timeout_sec=self._wait(self._step_sec()))
            if reply is None:
                return "token-limit", ""
            self.messages += 1
            self.sampled += reply.sampled_tokens
            if (reason := _ended(reply)) is not None:
                return reason, reply.content
            results = [self._call(call) for call in reply.tool_calls]
            talk.observe(results, limit=self.agent.output_limit)
            if any(result.timed_out for result in results):
                return "timeout", ""
        return stop, ""

    def _limit_met(self) -> ExitReason | None:
        if self.left() <= 0:
            return "timeout"
        if self.messages >= self.agent.max_turns:
            return "turn-limit"
        tokens = self._tokens_left()
        return "token-limit" if tokens is not None and tokens <= 0 else None

    def _tokens_left(self) -> int | None:
        total = self.agent.max_total_tokens
        return None if total is None else total - self.sampled

    def _wait(self, seconds: float) -> float:
        """Note when a wait of this length is over, and return it."""
        self.wait_ends = time.monotonic() + seconds
        return seconds

    def _step_sec(self) -> float:
        return max(0.0, min(self.left(), self.idle_sec))

    def _call(self, call: ToolCall) -> CommandResult:
        if call.malformed:
            return CommandResult(output="the arguments are not a JSON object: the tool was not run", exit_code=2)
        if call.name != BASH:
            return CommandResult(output=f"unknown tool {call.name[:80]!r}: use {BASH} or {SUBMIT}", exit_code=2)
        command = call.arguments.get("command")
        if not isinstance(command, str):
            return CommandResult(output='bash takes one string argument, "command"', exit_code=2)
        if self.left() <= 0:
            return CommandResult(output="no time is left: the command was not run", exit_code=None, timed_out=True)
        result = self.sandbox.run(command, timeout_sec=self._step_sec())
        self._forgive(result.waited_sec)
        return result


def _ended(reply: Reply) -> ExitReason | None:
    if reply.finish_reason == "length":
        return "token-limit"
    if not reply.tool_calls:
        return "completed"
    return "submitted" if any(call.name == SUBMIT for call in reply.tool_calls) else None


def _lost(reason: str, detail: str, *, owner: Owner = "infrastructure") -> Failure:
    return Failure(stage="agent", owner=owner, reason=reason, detail=detail)
