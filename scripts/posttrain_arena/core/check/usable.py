"""What makes a task.md unusable beyond its schema: no prompt, or two settings that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from posttrain_arena.core.check.draft import TASK, Draft
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.model.task_document import TaskDocument


def task_problems(draft: Draft) -> Iterator[Problem]:
    """Yield why no trial can be made of the task."""
    if draft.task.markdown is not None:
        yield from _prompt(draft)
    if draft.task.value is not None:
        yield from _contradictions(draft, draft.task.value)


def _prompt(draft: Draft) -> Iterator[Problem]:
    prompt = draft.task.markdown.section("prompt") if draft.task.markdown else None
    if prompt is None:
        how = "write a line '## prompt' and the instruction below it"
        yield _problem("prompt-missing", None, "the section '## prompt' is missing", how)
    elif not prompt:
        headings = draft.task.markdown.headings if draft.task.markdown else ()
        at = next(heading.line for heading in headings if heading.title == "prompt" and heading.depth == 2)
        yield _problem("prompt-empty", at, "the section '## prompt' is empty", "write the instruction below it")


def _contradictions(draft: Draft, task: TaskDocument) -> Iterator[Problem]:
    if task.environment is not None and task.sandbox is not None:
        what = "environment and sandbox are both here"
        spot = draft.task.spot("sandbox", what=what, how="keep one: they are one table")
        yield Problem(rule="environment-twice", spot=spot)
    for name in ("environment", "sandbox"):
        table = getattr(task, name)
        if table is None or table.network_mode is None or table.allow_internet is None:
            continue
        if table.allow_internet != (table.network_mode != "no-network"):
            what = f"allow_internet is {str(table.allow_internet).lower()} and network_mode is {table.network_mode}"
            how = "keep network_mode and remove allow_internet"
            spot = draft.task.spot(name, "allow_internet", what=what, how=how)
            yield Problem(rule="network-contradiction", spot=spot)


def _problem(rule: str, line: int | None, what: str, how: str) -> Problem:
    return Problem(rule=rule, spot=Spot(path=TASK, line=line, what=what, how=how))
