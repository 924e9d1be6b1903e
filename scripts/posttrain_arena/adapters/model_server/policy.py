"""A policy that is being trained: a served base model whose adapters come and go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.model_server.client import PolicyServer, Sampling, TokenChatModel
from posttrain_arena.adapters.model_server.process import serve
from posttrain_arena.core.trial.chat import Chat
from posttrain_arena.model.recipe import Recipe

BASE = "base"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPolicy:
    """Gives ``chat`` agents that act with the served model under one of its names."""

    server: PolicyServer
    tokens: ChatTokens
    recipe: Recipe

    def load(self, name: str, adapter: Path) -> None:
        """Serve an adapter under ``name``, in place of the one that had the name."""
        self.server.load_adapter(name, adapter)

    def agent(self, name: str) -> Chat:
        """Return the agent that acts with the adapter ``name``, or with the base model.

        The base model plays the simulated user of tasks that have one: it is the same whatever is trained or
        evaluated. A full context ends its conversation: output cut late would part an episode into sequences, of
        which training can use one.
        """
        return Chat(model=self._model(name), user=self._model(BASE), max_turns=self.recipe.rollout.max_turns)

    def _model(self, name: str) -> TokenChatModel:
        rollout = self.recipe.rollout
        sampling = Sampling(
            max_tokens=rollout.max_tokens, temperature=rollout.temperature, context=self.recipe.model.context
        )
        return TokenChatModel(server=self.server, model=name, tokens=self.tokens, sampling=sampling)


@contextmanager
def served_policy(model: Path, recipe: Recipe, *, log: Path) -> Iterator[ServedPolicy]:
    """Serve the base model in ``model`` in a process of its own; raises ModelServerError where it does not start."""
    with serve(model, log=log, name=BASE) as url, PolicyServer(url) as server:
        yield ServedPolicy(server=server, tokens=ChatTokens.load(model), recipe=recipe)
