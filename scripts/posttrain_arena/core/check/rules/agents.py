"""Rules about an agent of the track agents: its manifest and the script that a run starts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from posttrain_arena.core.check.entries.part import Part, PartJudge, spot_in
from posttrain_arena.core.check.rules import skill_text
from posttrain_arena.core.check.rules.network import is_host
from posttrain_arena.core.check.rules.rule import Rule, told
from posttrain_arena.core.check.secret_text import find_secrets, is_dummy
from posttrain_arena.core.check.shell.script import commands
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.agent import AgentManifest
from posttrain_arena.model.finding import Severity
from posttrain_arena.model.shown import shown

AGENT = "agent.yaml"
SOLVE = "solve.sh"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_OPTION = re.compile(r"(set|shopt)\s[^;&|]*|:|true")
_ASSIGNED = (
    r"\b(?P<name>(?:[A-Z0-9]+_){0,5}(?:API_?KEY|ACCESS_?KEY|SECRET|TOKEN|PASSWORD))\b[\"']?\s{0,5}[:=]\s{0,5}[\"']?"
    r"(?=[A-Za-z0-9_+/.-]{0,199}[0-9])(?=[A-Za-z0-9_+/.-]{0,199}[A-Za-z])(?P<value>[A-Za-z0-9_+/.-]{20,200})(?![A-Za-z0-9_+/.(\[-])"
)


def agent_empty(part: Part[Any]) -> Iterator[Spot]:
    """solve.sh has commands.

    Why: a run starts it, and nothing else. How: write the commands that post-train the model. Example: `python3
    train.py --hours "$HOURS"`.
    """
    script = part.texts.get(SOLVE)
    if script is not None and all(_OPTION.fullmatch(command) for _, command in commands(script)):
        yield Spot(path=SOLVE, what="solve.sh has no command", how="write the commands that post-train the model")


def agent_shebang(part: Part[Any]) -> Iterator[Spot]:
    """solve.sh starts with `#!`.

    Why: a run starts it by its path. How: name the shell in the first line. Example: `#!/bin/bash`.
    """
    if part.texts.get(SOLVE) and not part.texts[SOLVE].startswith("#!"):
        yield Spot(path=SOLVE, line=1, what="the first line is not '#!…'", how="start the file with #!/bin/bash")


def agent_variable(part: Part[AgentManifest]) -> Iterator[Spot]:
    """environment_variables are names alone, each once.

    Why: the manifest is public, and keys stay with the organisers' proxy. How: write the name; tell the organisers the
    value when they ask for it. Example: `environment_variables: [PROVIDER_API_KEY]`.
    """
    names = part.value.environment_variables if part.value else ()
    for index, name in enumerate(names):
        before, mark, _ = name.partition("=")
        if mark:
            what, how = (
                f"{shown(before)!r} stands here with a value",
                "write the name alone; if the value is real, replace it",
            )
        elif not _VARIABLE.fullmatch(name):
            what, how = (
                f"{shown(name, 20)!r} is not the name of a variable",
                "use letters, digits and '_', no digit first",
            )
        elif name in names[:index]:
            what, how = f"{shown(name)!r} is here twice", "remove it"
        else:
            continue
        yield part.spot("environment_variables", index, what=what, how=how)


def agent_host(part: Part[AgentManifest]) -> Iterator[Spot]:
    """hosts are host names, each once.

    Why: the run's proxy lets requests through by name. How: write the name alone, without `https://`, path or port.
    Example: `hosts: [api.provider.example]`.
    """
    hosts = part.value.hosts if part.value else ()
    for index, host in enumerate(hosts):
        if not is_host(host):
            how = "write the name alone, such as api.provider.example"
            yield part.spot("hosts", index, what=f"{shown(host)!r} is not a host name", how=how)
        elif host.lower() in {other.lower() for other in hosts[:index]}:
            yield part.spot("hosts", index, what=f"{shown(host)!r} is here twice", how="remove it")


def agent_secret(part: Part[Any]) -> Iterator[Spot]:
    """No file of the agent gives a key, a token or a password its value.

    Why: entries are public, and what was pushed once is known for ever. How: remove it, replace it with its provider,
    and read the variable that the run sets. Example: `"$PROVIDER_API_KEY"`.
    """
    how = "remove it, have it replaced by its provider, and read it from a variable named in agent.yaml"
    for name, text in part.texts.items():
        for match in _pattern(_ASSIGNED).finditer(text):
            is_known = any(find_secrets(match["value"]))  # a finding of its own
            if not is_known and not is_dummy(match["value"]):
                said = f"{shown(match['name'], 40)} is given a value that looks like a secret"
                yield spot_in(text, match.start(), name, what=said, how=how)
                break


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile when first used: a check of task packages needs none of these."""
    return re.compile(text)


_JUDGED: tuple[tuple[str, Severity, PartJudge[Any]], ...] = (
    ("agent-empty", "error", agent_empty),
    ("agent-shebang", "error", agent_shebang),
    ("agent-variable", "error", agent_variable),
    ("agent-host", "error", agent_host),
    ("agent-secret", "error", agent_secret),
)
_OWN = tuple((told(id, severity, judge.__doc__ or ""), judge) for id, severity, judge in _JUDGED)
_SHARED = tuple((told(id, severity, judge.__doc__ or ""), judge) for id, severity, judge in skill_text.TEXT_JUDGED)

JUDGES = (*_OWN, *_SHARED)
"""The rules that an agent is judged by, in order; those about every text stand in the family of skills."""

RULES: tuple[Rule, ...] = (
    told(
        "agent-file",
        "error",
        """An agent has agent.yaml and solve.sh, regular files, directly in agent/.

        Why: the one says what the agent needs, the other is what a run starts. How: add the file; `arena new agent`
        writes both. Example: `agent/solve.sh`. """,
    ),
    *(rule for rule, _ in _OWN),
)
