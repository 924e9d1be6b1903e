"""The providers whose models agents may call: what a side-car holds the keys of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """``url`` is what an agent's paths are put behind; ``variable`` names the organisers' variable with the key.

    Prices are US dollars for a million tokens. With ``most_usd`` calls that could go over it are refused.
    """

    name: str
    url: str
    variable: str
    header: str = "Authorization"
    prefix: str = "Bearer "
    usd_per_million_input: float | None = None
    usd_per_million_output: float | None = None
    most_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentProviders:
    """An agent gets those whose variable it names in ``environment_variables``."""

    SCHEMA: ClassVar[str] = "agent-providers"

    schema: Literal["agent-providers/1"] = "agent-providers/1"
    providers: tuple[Provider, ...]
