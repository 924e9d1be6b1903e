"""Rules about what the agent's container may reach."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.draft import Draft
from posttrain_arena.core.check.limits import environment_name, environment_of, network_of
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

_HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


def is_host(name: str) -> bool:
    """Say whether ``name`` is a host name with a dot in it, or one with ``*.`` before it."""
    return len(name) <= 253 and _HOST.fullmatch(name) is not None


def allowlist_needs_hosts(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """network_mode allowlist and allowed_hosts come together.

    Why: an allow list without hosts lets nothing through, and hosts without an allow list are not honoured. How: name
    the hosts, or change network_mode. Example: `network_mode: allowlist` and `allowed_hosts: [data.example.org]`.
    """
    if draft.task.value is None:
        return
    table, name = environment_of(draft.task.value), environment_name(draft.task.value)
    network = network_of(table)
    if network == "allowlist" and not table.allowed_hosts:
        what = "network_mode is allowlist and allowed_hosts is empty"
        how = "add allowed_hosts: [host.name], or write network_mode: no-network"
        yield draft.task.spot(name, "network_mode", what=what, how=how)
    if network != "allowlist" and table.allowed_hosts:
        what = f"allowed_hosts is not honoured: the network is {network}"
        how = "write network_mode: allowlist, or remove allowed_hosts"
        yield draft.task.spot(name, "allowed_hosts", what=what, how=how)


def host_form(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """allowed_hosts are host names, each once.

    Why: addresses, URLs and ports cannot be let through by name. How: write the name alone, without `https://`, path or
    port. Example: `allowed_hosts: [data.example.org]`.
    """
    hosts = environment_of(draft.task.value).allowed_hosts if draft.task.value else ()
    seen: set[str] = set()
    for index, host in enumerate(hosts):
        wrong = ""
        if not is_host(host):
            wrong, how = "is not a host name", "write the name alone, such as data.example.org"
        elif host.lower() in seen:
            wrong, how = "is here twice", "remove it"
        seen.add(host.lower())
        if wrong and draft.task.value:
            place = (environment_name(draft.task.value), "allowed_hosts", index)
            yield draft.task.spot(*place, what=f"{shown(host)!r} {wrong}", how=how)


def public_network(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A task that opens the whole internet to the agent needs it.

    Why: answers can be looked up, pages change, and a trial that depends on them cannot be repeated. How: put the data
    into the image, or name the hosts in an allow list. Example: `network_mode: allowlist`.
    """
    if draft.task.value is not None and network_of(table := environment_of(draft.task.value)) == "public":
        key = "network_mode" if table.network_mode is not None else "allow_internet"
        how = "put what the task needs into the image, or use network_mode: allowlist"
        place = (environment_name(draft.task.value), key)
        yield draft.task.spot(*place, what="the agent may reach the whole internet", how=how)


RULES: tuple[Rule, ...] = (
    judged("allowlist-hosts", "error", allowlist_needs_hosts),
    judged("host-form", "error", host_form),
    judged("network-public", "warning", public_network),
)
