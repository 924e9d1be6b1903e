"""Rules about the version of task.md and how its text is laid out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from posttrain_arena.core.check.draft import TASK, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown
from posttrain_arena.model.task_document import TaskDocument

SECTIONS = re.compile(r"prompt|user-persona|(scene|role):[A-Za-z0-9_.-]+")
_NAMED = re.compile(r"(scene|role)s?\s*:\s*([A-Za-z0-9_.-]+)", re.IGNORECASE)
MAX_TITLE_CHARS = 100
"""A longer heading means no section of the format, whatever it starts with."""

UNUSED_TABLES = ("artifacts", "steps", "multi_step_reward_strategy", "reward", "image", "profile", "profiles")
USED = {"timeout_sec", "pass_threshold", "reward_range"}
USED_IN_PLAY = {"roles", "capabilities", "timeout_sec", "idle_timeout_sec", "stop_rule", "private_facts"}
USED_NETWORK = {"network_mode", "allowed_hosts", "allow_internet", "os"}
USED_ENVIRONMENT = {"build_timeout_sec", "cpus", "memory_mb", "storage_mb"} | USED_NETWORK


def version_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """task.md names the version of the format it follows.

    Why: a later format may mean something else by the same words. How: add it as the first setting. Example:
    `version: "1.0"`.
    """
    task = draft.task.value
    if task is not None and task.version is None and task.schema_version is None:
        yield draft.task.spot(what="version is missing", how='add a line: version: "1.0"')


def version_unknown(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The version is one that the arena reads: 1.0 to 1.3.

    Why: a document of another version may mean something else. How: follow version 1.0 and say so. Example:
    `version: "1.0"`.
    """
    task = draft.task.value
    for key in ("version", "schema_version") if task is not None else ():
        version = getattr(task, key)
        if version is not None and not re.fullmatch(r"1(\.[0-3])?", str(version)):
            what = f"{key} is {shown(version)}, the arena reads 1.0 to 1.3"
            yield draft.task.spot(key, what=what, how=f'write {key}: "1.0"')


def heading_near_miss(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A heading that means a section of the format is written exactly as the format writes it.

    Why: `# prompt`, `## Prompt` or `## scenes:plan` would be read as notes and their text lost. How: write it as the
    message says: two `#`, lower case, nothing after it. Example: `## prompt`.
    """
    for heading in draft.task.markdown.headings if draft.task.markdown else ():
        meant = _section_meant(heading.title) if heading.depth <= 2 else None
        if meant and (heading.depth, heading.title) != (2, meant):
            what = f"the heading {shown('#' * heading.depth + ' ' + heading.title)!r} is not read as '## {meant}'"
            yield Spot(path=TASK, line=heading.line, column=1, what=what, how=f"write '## {meant}'")


def misspells_prompt(draft: Draft) -> bool:
    """Say whether a heading is there that means `## prompt`: heading-near-miss says so, and no other rule needs to."""
    headings = draft.task.markdown.headings if draft.task.markdown else ()
    return any(heading.depth <= 2 and _section_meant(heading.title) == "prompt" for heading in headings)


def heading_unknown(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A `##` heading that the format does not know is an authoring note.

    Why: its text does not reach the agent, and authors lose text that way. How: make it `###` under `## prompt` if
    the agent must read it; leave it if it is a note. Example: `### Output format`.
    """
    for heading in draft.task.markdown.headings if draft.task.markdown else ():
        if heading.depth == 2 and not SECTIONS.fullmatch(heading.title) and not _section_meant(heading.title):
            what = f"the section {shown(heading.title)!r} is not part of the prompt: the agent never reads it"
            yield Spot(
                path=TASK, line=heading.line, column=1, what=what, how="write it as '###' if the agent must read it"
            )


def section_twice(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Every section is there once.

    Why: only the first `## prompt` would be read. How: join the two. Example: one `## prompt`.
    """
    seen: dict[str, int] = {}
    for heading in draft.task.markdown.headings if draft.task.markdown else ():
        if heading.depth == 2 and SECTIONS.fullmatch(heading.title):
            if heading.title in seen:
                what = f"'## {heading.title}' is here a second time (first on line {seen[heading.title]})"
                yield Spot(path=TASK, line=heading.line, column=1, what=what, how="join the two sections")
            seen.setdefault(heading.title, heading.line)


def key_not_used(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A setting of a dialect that the arena reads and does not use.

    Why: the author may count on it. How: see the message; remove the setting if the task works without it.
    Example: `docker_image:`; the arena always builds environment/Dockerfile.
    """
    task = draft.task.value
    if task is None:
        return
    places: list[tuple[str | int, ...]] = [(table,) for table in UNUSED_TABLES if getattr(task, table) is not None]
    for path in [*places, *_unused_keys(task)]:
        what = f"{shown('.'.join(map(str, path)))} is read and not used by the arena"
        how = "make sure that the task works without it"
        if path[-1] == "model":
            how = "who runs a trial gives the models: make sure that the task works with any"
        yield draft.task.spot(*path, what=what, how=how)


def _unused_keys(task: TaskDocument) -> Iterator[tuple[str | int, ...]]:
    yield from _unused_in(("agent",), task.agent, USED)
    yield from _unused_in(("verifier",), task.verifier, USED)
    for name in ("environment", "sandbox"):
        yield from _unused_in((name,), getattr(task, name), USED_ENVIRONMENT)
    yield from _unused_in(("agents",), task.agents, USED_IN_PLAY)
    for name, role in task.agents.roles.items() if task.agents else ():
        yield from _unused_in(("agents", "roles", name), role, USED_IN_PLAY)
    for index, scene in enumerate(task.scenes or ()):
        if scene.skills_dir:
            yield "scenes", index, "skills_dir"
    yield from _unused_in(("user",), task.user, USED_IN_PLAY)


def _unused_in(path: tuple[str, ...], table: object, used: set[str]) -> Iterator[tuple[str | int, ...]]:
    """Yield the keys of a table, None where there is none, that ask for something and are not used."""
    for key in getattr(type(table), "__dataclass_fields__", ()):
        if key not in used and getattr(table, key) not in (None, 0, [], {}, ()):
            yield *path, key


def _section_meant(title: str) -> str | None:
    if len(title) > MAX_TITLE_CHARS:
        return None
    plain = title.strip().rstrip("#").strip().rstrip(":").strip()
    if named := _NAMED.fullmatch(plain):
        return f"{named[1].lower()}:{named[2]}"
    words = re.sub(r"[\s_]+", "-", plain.lower())
    close = difflib.get_close_matches(words, ("prompt", "user-persona"), n=1, cutoff=0.8)
    return close[0] if close else None


RULES: tuple[Rule, ...] = (
    judged("version-missing", "error", version_missing),
    judged("version-unknown", "error", version_unknown),
    judged("heading-near-miss", "error", heading_near_miss),
    judged("heading-unknown", "warning", heading_unknown),
    judged("section-twice", "error", section_twice),
    judged("key-not-used", "warning", key_not_used),
)
