"""What an agent is told of the providers it may call, and what their side-car is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from posttrain_arena.adapters.docker_engine.sidecar import ADDRESS
from posttrain_arena.model import documents
from posttrain_arena.model.agent_providers import AgentProviders, Provider

PLACEHOLDER = "held-by-the-arena"
"""What the agent's variable has in place of the key: libraries refuse to start with none."""


def held_variables(providers: Sequence[Provider]) -> dict[str, str]:
    """Return the agent's variables: a placeholder for each key, and the address to call, ``<VARIABLE>_BASE_URL``."""
    found = {provider.variable: PLACEHOLDER for provider in providers}
    return found | {f"{provider.variable}_BASE_URL": f"{ADDRESS}/{provider.name}" for provider in providers}


def keyed(providers: Sequence[Provider]) -> tuple[Mapping[str, Any], ...]:
    """Return the settings of the side-car: the providers with their keys, from this process's environment."""
    told = documents.to_document(AgentProviders(providers=tuple(providers)))["providers"]
    return tuple({**one, "key": os.environ[one["variable"]]} for one in told)
