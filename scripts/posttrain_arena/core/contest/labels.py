"""Judge a label that asks for post-training: it is a request, never authority.

Each rule is data: a slug, whom it concerns, and a function that says what is wrong. They are judged in order, when the
label is set and again when the job is launched, and the first that speaks refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from posttrain_arena.core.contest.pull_request import PullRequest, only_entry
from posttrain_arena.model.competition import Phase

_ENTRY = re.compile(r"submissions/[a-z0-9][a-z0-9-]{0,63}")
"""What goes on to the next jobs of a workflow: nothing that could end a line or be a path."""

Told = Literal["maintainer", "author"]

MAY_LABEL = ("write", "maintain", "admin")
"""Permissions with which GitHub lets somebody set a label and the arena lets them ask for a machine."""

BRANCH = "main"
"""The branch that entries are merged into, and whose checker judges them."""

REQUIRED = ("arena/files", "arena/trials")
"""The statuses that the report sets on a head commit; both must be green there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequest:
    """A label event: who set it on which commit. ``by_person`` is false for apps and bots."""

    label: str
    head: str
    actor: str
    by_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What else decides, as the API and the ledger have it now.

    ``permission`` is the actor's on the repository; ``statuses`` the states on the pull request's head by context;
    ``runs`` how many scored runs the entry had in the window of the phase's limit. ``running`` is the launch of the
    entry that is not over, ``over_budget`` why the entry can never be paid; both are empty where there is none.
    """

    permission: str
    statuses: Mapping[str, str]
    phase: Phase | None
    runs: int
    running: str
    over_budget: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a rule looks at."""

    request: LabelRequest
    pull: PullRequest
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why nothing is launched; ``rule`` is a stable slug, ``told`` says who can do something about it.

    ``detail`` is text of others', which is shown as it is.
    """

    rule: str
    told: Told
    what: str
    how: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorised:
    """What may be launched: this entry at this commit, and nothing else."""

    head: str
    entry: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition: it returns what is wrong and how to mend it, or None."""

    slug: str
    told: Told
    judge: Callable[[Case], tuple[str, str] | None]


def judge_label(case: Case) -> Refusal | Authorised:
    """Return the first refusal, or what may be launched."""
    for rule in RULES:
        if (said := rule.judge(case)) is not None:
            return Refusal(rule=rule.slug, told=rule.told, what=said[0], how=said[1])
    entry = only_entry(case.pull.paths)
    if entry is None:
        raise AssertionError("the rule not-one-entry lets nothing else through")
    return Authorised(head=case.pull.head, entry=entry)


def unlaunched(refused: str) -> Refusal:
    """Return what is told where what was authorised came to no launch; ``refused`` is why the entry was not taken.

    Empty means that it is not the entry: something of ours failed, or a reviewer of the environment said no.
    """
    if refused:
        return Refusal(
            rule="not-as-committed",
            told="author",
            what="the entry cannot be taken as it is committed",
            how="leave plain files alone in it, without links, submodules and .gitattributes, and push",
            detail=refused,
        )
    return Refusal(
        rule="launch-failed",
        told="maintainer",
        what="it was authorised, and the launch did not go through",
        how="look at the workflow's log and set the label again; what was launched already is found by its name",
    )


def _by_a_bot(case: Case) -> tuple[str, str] | None:
    if case.request.by_person:
        return None
    return "the label was set by an app or a bot", "a maintainer has to set it"


def _closed(case: Case) -> tuple[str, str] | None:
    if case.pull.open:
        return None
    return "the pull request is closed", "reopen it and set the label again"


def _other_branch(case: Case) -> tuple[str, str] | None:
    if case.pull.base == BRANCH:
        return None
    return f"the pull request does not go to {BRANCH}", f"change its base branch to {BRANCH}; it is checked anew then"


def _draft(case: Case) -> tuple[str, str] | None:
    if not case.pull.draft:
        return None
    return "the pull request is a draft", "mark it as ready for review"


def _not_permitted(case: Case) -> tuple[str, str] | None:
    if case.standing.permission in MAY_LABEL:
        return None
    return f"whoever set the label may only {case.standing.permission or 'look'} here", "a maintainer has to set it"


def _own_entry(case: Case) -> tuple[str, str] | None:
    if case.request.actor.casefold() != case.pull.author.casefold():
        return None
    return "nobody asks for machines for their own entry", "another maintainer has to set the label"


def _pushed_since(case: Case) -> tuple[str, str] | None:
    if case.request.head == case.pull.head:
        return None
    return "commits were pushed after the label was set", "look at the new commit and set the label again"


def _not_one_entry(case: Case) -> tuple[str, str] | None:
    entry = only_entry(case.pull.paths)
    if entry is not None and _ENTRY.fullmatch(entry) is None:
        return "the entry's folder has a name that no entry may have", "use small letters, digits and dashes"
    if entry is not None:
        return None
    return (
        "the pull request touches more than one entry's folder",
        "leave only changes below one submissions/<entry>/ in it",
    )


def _behind(case: Case) -> tuple[str, str] | None:
    if not case.pull.behind:
        return None
    return (
        "the base branch has changed this entry since the pull request began: what was checked is both together",
        "merge the base branch into yours and push",
    )


def _not_green(case: Case) -> tuple[str, str] | None:
    states = {name: case.standing.statuses.get(name, "missing") for name in REQUIRED}
    if (wrong := [f"{name} is {state}" for name, state in states.items() if state != "success"]) == []:
        return None
    return f"{' and '.join(wrong)} on the head commit", "mend what the check found; it runs again with every push"


def _withdrawn(case: Case) -> tuple[str, str] | None:
    if case.request.label in case.pull.labels:
        return None
    return "the label was taken off before anything was launched", "set it again if it is still wanted"


def _phase_closed(case: Case) -> tuple[str, str] | None:
    phase = case.standing.phase
    if phase is not None and phase.entries != "closed":
        return None
    return "no phase is open today", "see the phases in competition.yaml"


def _running(case: Case) -> tuple[str, str] | None:
    if not case.standing.running:
        return None
    return f"{case.standing.running} of this entry is not over", "wait for its result, or remove its label to cancel it"


def _out_of_runs(case: Case) -> tuple[str, str] | None:
    limit = case.standing.phase.runs if case.standing.phase is not None else None
    if limit is None or case.standing.runs < limit.at_most:
        return None
    window = f"in {limit.days} days" if limit.days else "in this phase"
    return f"the entry had {case.standing.runs} of its {limit.at_most} scored runs {window}", "wait for the next window"


def _over_budget(case: Case) -> tuple[str, str] | None:
    if not case.standing.over_budget:
        return None
    return case.standing.over_budget, "see compute in competition.yaml"


RULES = (
    Rule("by-a-bot", "maintainer", _by_a_bot),
    Rule("not-permitted", "maintainer", _not_permitted),
    Rule("own-entry", "maintainer", _own_entry),
    Rule("closed", "maintainer", _closed),
    Rule("other-branch", "author", _other_branch),
    Rule("draft", "author", _draft),
    Rule("pushed-since", "maintainer", _pushed_since),
    Rule("not-one-entry", "author", _not_one_entry),
    Rule("behind", "author", _behind),
    Rule("not-green", "author", _not_green),
    Rule("withdrawn", "maintainer", _withdrawn),
    Rule("phase-closed", "maintainer", _phase_closed),
    Rule("running", "maintainer", _running),
    Rule("out-of-runs", "author", _out_of_runs),
    Rule("over-budget", "maintainer", _over_budget),
)
"""In the order in which they are judged: first who asks, then what for, then whether it may be now."""
