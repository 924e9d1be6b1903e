"""Look through the log of connections for hosts that no agent may call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase

from posttrain_arena.core.audit.facts import Facts, Outcome
from posttrain_arena.model.audit import Flag

MODEL_HOSTS = (
    "api.openai.com",
    "*.openai.azure.com",
    "api.anthropic.com",
    "generativelanguage.googleapis.com",
    "*aiplatform.googleapis.com",
    "bedrock-runtime.*.amazonaws.com",
    "api.mistral.ai",
    "api.cohere.*",
    "api.together.*",
    "api.groq.com",
    "api.deepseek.com",
    "openrouter.ai",
    "api.fireworks.ai",
    "api.replicate.com",
    "api.x.ai",
    "api.moonshot.*",
    "open.bigmodel.cn",
    "api.minimax.*",
    "dashscope*.aliyuncs.com",
    "api-inference.huggingface.co",
    "router.huggingface.co",
)
"""Endpoints of models. What the organisers let an agent call goes through the side-car and is logged as allowed."""


def endpoints(facts: Facts) -> Outcome:
    """Flag calls of model endpoints that were refused, and of forbidden hosts whether refused or not."""
    if facts.connections is None:
        return Outcome(why="there is no egress.jsonl")
    calls = Counter((line.host.casefold().rstrip("."), line.allowed) for line in facts.connections)
    flags = tuple(
        Flag(what=what, where=host, measure=f"{count} connections, {'let through' if allowed else 'refused'}")
        for (host, allowed), count in sorted(calls.items())
        if (what := _wrong_with(host, allowed, facts.forbidden_hosts))
    )
    refused = sum(count for (_, allowed), count in calls.items() if not allowed)
    return Outcome(flags=flags, notes=(f"{refused} connections were refused",) if refused else ())


def _wrong_with(host: str, allowed: bool, forbidden: Iterable[str]) -> str:
    if any(_matches(host, pattern) for pattern in forbidden):
        return "a host that no agent may call"
    if not allowed and any(_matches(host, pattern) for pattern in MODEL_HOSTS):
        return "an endpoint of a model, called past the side-car"
    return ""


def _matches(host: str, pattern: str) -> bool:
    return fnmatchcase(host, pattern.casefold()) or (pattern.startswith("*.") and host == pattern[2:].casefold())
