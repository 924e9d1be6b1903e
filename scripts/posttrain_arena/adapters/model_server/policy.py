"""A policy that is being trained: a served base model whose adapters come and go, each attested."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.model_server.client import PolicyServer, Sampling, TokenChatModel
from posttrain_arena.adapters.model_server.commands import server_command
from posttrain_arena.adapters.model_server.process import ModelProcess
from posttrain_arena.adapters.model_server.recovery import RESTARTED
from posttrain_arena.core.trial.chat import Chat
from posttrain_arena.core.trial.skills import SkillCard
from posttrain_arena.errors import ModelServerError
from posttrain_arena.model import documents
from posttrain_arena.model.fingerprint import FINGERPRINT, Fingerprint
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.reference_agent import Acting

BASE = "base"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPolicy:
    """Gives ``chat`` agents that act with the served model under one of its names."""

    server: PolicyServer
    tokens: ChatTokens
    recipe: Acting

    def load(self, name: str, adapter: Path) -> float:
        """Serve an adapter under ``name``, in place of the one that had the name; return the gap to its trainer.

        The gap is the mean difference in nats a token between what the server says of the adapter's fingerprint and
        what the trainer said. Raises ModelServerError where it is over the recipe's tolerance: the server then
        answers with another policy, and the name is no longer served. The folder must stay as it is while the adapter
        is served.
        """
        if not isinstance(self.recipe, Recipe):
            raise ValueError(f"{self.recipe.name} is a reference agent, which is never trained: it has no adapters")
        fingerprint = documents.read_document(adapter / FINGERPRINT, Fingerprint)
        try:
            gap = self._load(name, adapter, fingerprint)
        except ModelServerError as error:
            if error.reason != RESTARTED:
                raise
            gap = self._load(name, adapter, fingerprint)
        tolerance = self.recipe.server.sync_tolerance
        if not gap <= tolerance:
            self.server.unload_adapter(name)
            raise ModelServerError(
                f"the server's log-probabilities under {adapter} differ from the trainer's by {gap:.3g} nats a token, "
                f"over {tolerance:g} (server/sync_tolerance): it answers with another policy",
                reason="model-stale",
            )
        return gap

    def agent(self, name: str, skills: tuple[SkillCard, ...] = ()) -> Chat:
        """Return the agent that acts with the adapter ``name``, or with the base model, and is told of ``skills``.

        The base model plays the simulated user of tasks that have one: it is the same whatever is trained or
        evaluated. A full context ends its conversation: output cut late would part an episode into sequences, of
        which training can use one.
        """
        return Chat(
            model=self._model(name),
            user=self._model(BASE),
            max_turns=self.recipe.rollout.max_turns,
            output_limit=self.recipe.output_limit,
            skills=skills,
        )

    def _load(self, name: str, adapter: Path, fingerprint: Fingerprint) -> float:
        self.server.load_adapter(name, adapter)
        served = self.server.score(name, fingerprint.token_ids)
        return statistics.fmean(abs(ours - its) for ours, its in zip(fingerprint.logprobs, served, strict=True))

    def _model(self, name: str) -> TokenChatModel:
        rollout = self.recipe.rollout
        sampling = Sampling(
            max_tokens=rollout.max_tokens, temperature=rollout.temperature, context=self.recipe.model.context
        )
        return TokenChatModel(server=self.server, model=name, tokens=self.tokens, sampling=sampling)


@contextmanager
def served_policy(model: Path, recipe: Acting, *, log: Path) -> Iterator[ServedPolicy]:
    """Serve the base model in ``model`` in a process of its own; raises ModelServerError where it does not start."""
    command = server_command(model, recipe, name=BASE)
    with ModelProcess(command, log=log) as process, PolicyServer(process.url, process=process) as server:
        yield ServedPolicy(server=server, tokens=ChatTokens.load(model), recipe=recipe)
