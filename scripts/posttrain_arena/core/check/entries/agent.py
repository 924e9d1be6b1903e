"""Read an agent, a folder with agent.yaml and solve.sh, and judge it by its rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from posttrain_arena.core.check.draft import read_value
from posttrain_arena.core.check.entries.part import Part, read_files
from posttrain_arena.core.check.entries.skill import with_slug
from posttrain_arena.core.check.front_matter import read_yaml_file
from posttrain_arena.core.check.rules.agents import AGENT, SOLVE
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.core.check.tree_listing import Listing
from posttrain_arena.model.agent import AgentManifest
from posttrain_arena.model.shown import shown

_NEAR = {AGENT: {"agent.yml", "agent.json", "agent.toml", "manifest.yaml"}, SOLVE: {"solve", "solve.bash", "run.sh"}}


def read_agent(folder: Path) -> Part[AgentManifest]:
    """Read an agent; every fault of its author ends in ``problems``."""
    files = read_files(folder, AGENT)
    absent = [Problem(rule="agent-file", spot=spot) for name in _NEAR for spot in _absent(files.listing, name)]
    part: Part[AgentManifest] = Part(
        name=folder.name,
        main=AGENT,
        listing=files.listing,
        texts=files.texts,
        hashes=files.hashes,
        problems=(*files.problems, *absent),
    )
    text = files.texts.get(AGENT, "")
    if AGENT not in files.texts or (not text and any(problem.spot.path == AGENT for problem in files.problems)):
        return part
    front, faults = read_yaml_file(text, AGENT)
    value, misfits = read_value(AgentManifest, front, AGENT)
    told = [with_slug(problem, front) for problem in misfits] if front else []
    return replace(part, front=front, value=value, problems=(*part.problems, *faults, *told))


def _absent(listing: Listing, name: str) -> Iterator[Spot]:
    there = listing.entries.get(name)
    if there is not None and there.kind in ("file", "link"):  # a link is a finding of its own
        return
    near = next((path for path in listing.files() if path.lower() == name or path.lower() in _NEAR[name]), None)
    deep = next((path for path in listing.files() if path.endswith(f"/{name}")), None)
    how = f"add {name}; arena new agent writes one"
    if near is not None:
        how = f"rename {shown(near)!r} to {name}"
    elif deep is not None:
        how = f"move what is in {shown(deep.rpartition('/')[0])!r} up: the files lie directly in agent/"
    yield Spot(path=name, what=f"{name} is missing" if there is None else f"{name} is not a file", how=how)
