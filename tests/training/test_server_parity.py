"""Both servers and the trainer are one policy: the same prompts, the same probabilities, samples of just these."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import torch
from fakes import InMemoryEngine
from tiny_policy import Served

from posttrain_arena.adapters.model_server.client import PolicyServer, Sampling, TokenChatModel
from posttrain_arena.adapters.training.policy import load_policy
from posttrain_arena.core.training.sequences import TokenSequence, sampled_sequence
from posttrain_arena.core.trial.chat import Chat
from posttrain_arena.core.trial.conversation import Reply
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.model.trial import Trial

pytestmark = pytest.mark.training

SEEDS = range(6)


@dataclass
class Overheard(PolicyServer):
    """A server of which every prompt is written down."""

    server: PolicyServer
    prompts: list[tuple[int, ...]] = field(default_factory=list)

    def complete(self, model: str, ids: Sequence[int], **how: Any) -> Reply:
        self.prompts.append(tuple(ids))
        return self.server.complete(model, ids, **how)


@pytest.fixture(scope="module", params=[0, None], ids=["after SFT", "base model"])
def name(request: pytest.FixtureRequest, served: Served) -> Iterator[str]:
    if request.param is None:
        yield "base"
        return
    served.policy.load("parity", served.tiny.adapters[request.param])
    yield "parity"
    served.policy.server.unload_adapter("parity")


def _trained(served: Served, name: str) -> Any:
    """Return the model that the trainer would update."""
    adapter = None if name == "base" else served.tiny.adapters[0]
    return load_policy(served.tiny.base, served.recipe, adapter, seed=0).eval()


def _logprobs(model: Any, sequence: TokenSequence) -> torch.Tensor:
    """Return the trainer's log-probabilities of all tokens at every position of the completion."""
    ids = torch.tensor([[*sequence.prompt_ids, *sequence.completion_ids]])
    with torch.no_grad():
        return torch.log_softmax(model(input_ids=ids).logits[0, len(sequence.prompt_ids) - 1 : -1].float(), dim=-1)


def _trials(served: Served, name: str, server: PolicyServer) -> list[tuple[Trial, TokenSequence]]:
    sampling = Sampling(max_tokens=16, temperature=1.0, context=512)
    model = TokenChatModel(server=server, model=name, tokens=served.policy.tokens, sampling=sampling)
    ran = []
    for task in served.tiny.tasks:
        for seed in SEEDS:
            trial = run_trial(
                TrialRequest(task=task, agent=Chat(model=model, max_turns=4), seed=seed), InMemoryEngine()
            )
            assert trial.failure is None
            sequence = sampled_sequence(trial)
            assert sequence is not None
            ran.append((trial, sequence))
    return ran


def test_what_is_trained_on_is_what_was_served_token_by_token(served: Served, name: str) -> None:
    overheard = Overheard(served.policy.server)
    trials = _trials(served, name, overheard)
    turns = 0
    for trial, sequence in trials:
        task = next(task for task in served.tiny.tasks if task.name == trial.task)
        assert sequence.prompt_ids == tuple(served.policy.tokens.prompt(task.prompt, TOOLS))
        whole = sequence.prompt_ids + sequence.completion_ids
        wrote = [turn for turn in trial.trajectory if turn.role == "assistant"]
        prompts, overheard.prompts = overheard.prompts[: len(wrote)], overheard.prompts[len(wrote) :]
        for prompt, turn in zip(prompts, wrote, strict=True):
            assert turn.token_ids
            assert whole[: len(prompt) + len(turn.token_ids)] == prompt + turn.token_ids
        turns += len(wrote)
    assert overheard.prompts == []
    if name != "base":
        assert turns > len(trials), "after SFT some trials have several messages"


def test_recorded_log_probabilities_are_the_trainers(served: Served, name: str) -> None:
    model = _trained(served, name)
    gaps = []
    for _, sequence in _trials(served, name, served.policy.server):
        ours = _logprobs(model, sequence)
        for position, (token, mask) in enumerate(zip(sequence.completion_ids, sequence.loss_mask, strict=True)):
            if mask:
                gaps.append(abs(float(ours[position, token]) - sequence.logprobs[position]))
    assert len(gaps) > 100
    assert max(gaps) < served.recipe.server.sync_tolerance


def test_samples_have_the_trainers_probabilities(served: Served, name: str) -> None:
    """At temperature 1 the mean of log p over samples of p is minus its entropy: any truncation shows at once."""
    model = _trained(served, name)
    ids = served.policy.tokens.prompt(served.tiny.tasks[0].prompt, TOOLS)
    sampling = Sampling(max_tokens=8, temperature=1.0, context=512, stop_ids=(served.policy.tokens.end_id,))
    excess, variance, count = 0.0, 0.0, 0
    for seed in range(150):
        reply = served.policy.server.complete(name, ids, seed=seed, sampling=sampling)
        assert reply.token_ids
        sequence = TokenSequence(
            prompt_ids=tuple(ids), completion_ids=reply.token_ids, loss_mask=(), logprobs=reply.logprobs or ()
        )
        logprobs = _logprobs(model, sequence)
        probabilities = logprobs.exp()
        entropy = -(probabilities * logprobs).sum(-1)
        variance += float(((probabilities * logprobs**2).sum(-1) - entropy**2).sum())
        excess += float((logprobs.gather(1, torch.tensor(reply.token_ids).unsqueeze(1)).squeeze(1) + entropy).sum())
        count += len(reply.token_ids)
    assert count > 300
    assert abs(excess) < 4 * math.sqrt(variance)


def test_a_seed_gives_its_sample_again_and_other_seeds_give_others(served: Served, name: str) -> None:
    ids = served.policy.tokens.prompt("Go.", TOOLS)
    sampling = Sampling(max_tokens=12, temperature=1.0, context=512)

    def sampled(seed: int) -> Reply:
        return served.policy.server.complete(name, ids, seed=seed, sampling=sampling)

    assert [sampled(seed).token_ids for seed in range(5)] == [sampled(seed).token_ids for seed in range(5)]
    assert len({sampled(seed).token_ids for seed in range(12)}) > 1


def test_a_message_ends_with_the_stop_token_that_was_asked_for(served: Served, name: str) -> None:
    server, ids = served.policy.server, served.policy.tokens.prompt("Go.", TOOLS)
    sampling = Sampling(max_tokens=12, temperature=1.0, context=512)
    free = server.complete(name, ids, seed=3, sampling=sampling).token_ids
    assert free
    stop = free[min(2, len(free) - 1)]
    cut = server.complete(name, ids, seed=3, sampling=replace(sampling, stop_ids=(stop,)))
    assert cut.token_ids == free[: free.index(stop) + 1]
    assert cut.finish_reason == "stop"
