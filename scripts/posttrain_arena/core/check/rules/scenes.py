"""Rules about roles, scenes and the simulated user."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from posttrain_arena.core.check.draft import TASK, Draft
from posttrain_arena.core.check.front_matter import Heading
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.scenes import MAX_STOP_RULE_CHARS, STOP_RULE, roles_of, scenes_of
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown


def role_unknown(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A scene names roles that are declared, and its turns name roles of the scene.

    Why: nobody would speak. How: declare the role under agents.roles, or use the name that the message offers. Example:
    `agents: {roles: {planner: {}}}` and `scenes: [{name: plan, turns: [planner]}]`.
    """
    task = draft.task.value
    declared = roles_of(task) if task else {}
    for scene in scenes_of(task) if task else ():
        for number, name in enumerate(scene.roles):
            if name not in declared:
                yield draft.task.spot("scenes", scene.index, "roles", number, **_unknown("role", name, declared))
        for number, turn in enumerate(scene.turns):
            if turn.role in declared and turn.role not in scene.roles:
                what = (
                    f"the role {shown(turn.role)!r} has a turn in the scene {shown(scene.name)!r} and is not part of it"
                )
                how = "add it to the roles of the scene, or remove the turn"
                yield draft.task.spot("scenes", scene.index, "turns", number, what=what, how=how)


def scene_unknown(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A section `## scene:<name>` or `## role:<name>` names a scene or a role of the front matter.

    Why: its text would reach nobody. How: declare it, or use the name that the message offers. Example: `## scene:plan`
    beside `scenes: [{name: plan}]`.
    """
    task = draft.task.value
    if task is None:
        return
    declared = {"role": list(roles_of(task)), "scene": [scene.name for scene in scenes_of(task)]}
    for heading, kind, name in _sections(draft):
        if declared.get(kind) and name not in declared[kind]:
            yield Spot(path=TASK, line=heading.line, column=1, **_unknown(kind, name, declared[kind]))


def scene_twice(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """No two scenes have one name, and no role is listed twice in a scene.

    Why: a section `## scene:<name>` belongs to one scene. How: rename one of the two, or remove it. Example:
    `scenes: [{name: plan}, {name: review}]`.
    """
    seen: set[str] = set()
    for scene in scenes_of(draft.task.value) if draft.task.value else ():
        if scene.name in seen:
            what = f"a second scene is named {shown(scene.name)!r}"
            yield draft.task.spot("scenes", scene.index, "name", what=what, how="give it a name of its own")
        seen.add(scene.name)
        for number, role in enumerate(scene.roles):
            if role in scene.roles[:number]:
                what = f"the role {shown(role)!r} is listed twice in the scene {shown(scene.name)!r}"
                yield draft.task.spot("scenes", scene.index, "roles", number, what=what, how="remove it here")


def role_unused(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Every declared role has a turn, and every section for a role, a scene or a user belongs to one.

    Why: text that nobody reads is text lost. How: give the role a turn, declare what the section is for, or remove it.
    Example: `user: {model: scripted}` beside `## user-persona`.
    """
    task = draft.task.value
    if task is None:
        return
    speaking = {turn.role for scene in scenes_of(task) for turn in scene.turns}
    for name in roles_of(task):
        if name not in speaking:
            what = f"the role {shown(name)!r} has no turn in any scene"
            yield draft.task.spot("agents", "roles", name, what=what, how="give it a turn, or remove it")
    there = {"role": bool(roles_of(task)), "scene": bool(task.scenes), "user-persona": task.user is not None}
    keys = {"role": "agents.roles", "scene": "scenes", "user-persona": "user"}
    for heading, kind, _ in _sections(draft):
        if not there[kind]:
            what = f"'## {shown(heading.title)}' is here and the front matter has no {keys[kind]}: nobody reads it"
            how = f"declare {keys[kind]}, or move the text under '## prompt'"
            yield Spot(path=TASK, line=heading.line, column=1, what=what, how=how)


def persona_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A simulated user has a persona, and every section for a role, a scene or a user says something.

    Why: without it the model that plays the part has nothing to go by. How: write the text below the heading. Example:
    `## user-persona` and `You are in a hurry.`
    """
    titles = {heading.title for heading in draft.task.markdown.headings} if draft.task.markdown else set()
    if draft.task.value is not None and draft.task.value.user is not None and "user-persona" not in titles:
        what = "there is a user, and no section '## user-persona'"
        yield draft.task.spot("user", what=what, how="add '## user-persona' and who the user is below it")
    for heading, _, _ in _sections(draft):
        if draft.task.markdown and not draft.task.markdown.section(heading.title):
            what = f"the section '## {shown(heading.title)}' is empty"
            yield Spot(path=TASK, line=heading.line, column=1, what=what, how="write its text, or remove the heading")


def stop_rule_form(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """user.stop_rule ends with a number of rounds.

    Why: a conversation without a bound never ends. How: write a word and the greatest number of rounds. Example:
    `stop_rule: satisfied-or-5-rounds`.
    """
    user = draft.task.value.user if draft.task.value else None
    if user is not None and user.stop_rule is not None:
        rule = user.stop_rule
        if len(rule) > MAX_STOP_RULE_CHARS or not STOP_RULE.fullmatch(rule):
            what = f"the stop rule {shown(rule)!r} does not end with a number of rounds"
            how = "write it as satisfied-or-5-rounds"
            yield draft.task.spot("user", "stop_rule", what=what, how=how)


def _sections(draft: Draft) -> Iterator[tuple[Heading, str, str]]:
    for heading in draft.task.markdown.headings if draft.task.markdown else ():
        kind, _, name = heading.title.partition(":")
        if heading.depth == 2 and (heading.title == "user-persona" or (kind in ("role", "scene") and name)):
            yield heading, kind, name


def _unknown(kind: str, name: str, known: Iterable[str]) -> dict[str, str]:
    close = difflib.get_close_matches(name, list(known), n=1)
    where = {"role": "agents.roles", "scene": "scenes"}[kind]
    meant = f": did you mean {shown(close[0])!r}?" if close else ""
    how = f"write {shown(close[0])!r}" if close else f"declare it under {where}"
    return {"what": f"the {kind} {shown(name)!r} is not declared{meant}", "how": how}


RULES: tuple[Rule, ...] = (
    judged("role-unknown", "error", role_unknown),
    judged("scene-unknown", "error", scene_unknown),
    judged("scene-twice", "error", scene_twice),
    judged("role-unused", "warning", role_unused),
    judged("persona-missing", "warning", persona_missing),
    judged("stop-rule-form", "error", stop_rule_form),
)
