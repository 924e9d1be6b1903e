"""Runs trials by chat agents whose models are scripts, on a real wire and in real containers."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from scripted_endpoint import Answer, ScriptedEndpoint, serving

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.model_server.client import Sampling
from posttrain_arena.adapters.model_server.endpoint import Endpoint
from posttrain_arena.adapters.model_server.messages import MessageChatModel
from posttrain_arena.core.trial.chat import Chat
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.model import documents
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

SAMPLING = Sampling(max_tokens=64, temperature=1.0, context=8192, fit=True)


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


def said(script: ScriptedEndpoint, request: int) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in script.requests[request]["messages"]]


def by(trial: Trial, role: str) -> list[str]:
    return [turn.content for turn in trial.trajectory if turn.role == role]
