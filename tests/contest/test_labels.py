"""Who may ask for a machine, for what, and when: every rule refuses alone, in a fixed order, and says who can act."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posttrain_arena.core.contest.labels import (
    MAY_LABEL,
    REQUIRED,
    RULES,
    Authorised,
    Case,
    LabelRequest,
    Refusal,
    Standing,
    judge_label,
)
from posttrain_arena.core.contest.pull_request import PullRequest, entry_of, trusted
from posttrain_arena.model.competition import Phase, RunLimit

HEAD, OTHER = "a" * 40, "b" * 40
OPEN = Phase(name="p", opens=None, closes=None, entries="open", ranked=False, note="", runs=RunLimit(at_most=2, days=7))
SOUND = Case(
    request=LabelRequest(label="post-train", head=HEAD, actor="maint", by_person=True),
    pull=PullRequest(
        number=41,
        head=HEAD,
        base="main",
        author="team",
        open=True,
        draft=False,
        labels=("post-train",),
        paths=("submissions/team-north/submission.yaml", "submissions/team-north/envs/a/task.md"),
    ),
    standing=Standing(
        permission="write", statuses=dict.fromkeys(REQUIRED, "success"), phase=OPEN, runs=1, running="", over_budget=""
    ),
)


def case(part: str, **changes: object) -> Case:
    return replace(SOUND, **{part: replace(getattr(SOUND, part), **changes)})


REFUSED = [
    ("by-a-bot", case("request", by_person=False)),
    ("not-permitted", case("standing", permission="read")),
    ("not-permitted", case("standing", permission="triage")),
    ("not-permitted", case("standing", permission="")),
    ("own-entry", case("request", actor="TEAM")),
    ("closed", case("pull", open=False)),
    ("other-branch", case("pull", base="dev")),
    ("draft", case("pull", draft=True)),
    ("pushed-since", case("request", head=OTHER)),
    ("not-one-entry", case("pull", paths=(*SOUND.pull.paths, "submissions/team-south/submission.yaml"))),
    ("not-one-entry", case("pull", paths=(*SOUND.pull.paths, "competition.yaml"))),
    ("not-one-entry", case("pull", paths=(*SOUND.pull.paths, "submissions/README.md"))),
    ("not-one-entry", case("pull", paths=("submissions/../scripts/x/y",))),
    ("not-one-entry", case("pull", paths=())),
    ("behind", case("pull", behind=("submissions/team-north",))),
    ("not-green", case("standing", statuses={REQUIRED[0]: "success"})),
    ("not-green", case("standing", statuses={REQUIRED[0]: "success", REQUIRED[1]: "failure"})),
    ("not-green", case("standing", statuses={REQUIRED[0]: "pending", REQUIRED[1]: "success"})),
    ("withdrawn", case("pull", labels=("post-train-running",))),
    ("phase-closed", case("standing", phase=None)),
    ("phase-closed", case("standing", phase=replace(OPEN, entries="closed"))),
    ("running", case("standing", running="pta-team-north-0123456789ab")),
    ("out-of-runs", case("standing", runs=2)),
    ("over-budget", case("standing", over_budget="it may cost $200 of the $150 that an entry has")),
]


def test_a_sound_request_is_authorised_for_one_entry_at_one_commit() -> None:
    assert judge_label(SOUND) == Authorised(head=HEAD, entry="submissions/team-north")
    assert judge_label(case("standing", phase=replace(OPEN, runs=None), runs=900)) == judge_label(SOUND)
    assert judge_label(case("standing", phase=replace(OPEN, entries="frozen"))) == judge_label(SOUND)
    assert all(judge_label(case("standing", permission=name)) == judge_label(SOUND) for name in MAY_LABEL)


@pytest.mark.parametrize(("rule", "refused"), REFUSED, ids=range(len(REFUSED)))
def test_each_rule_refuses_alone_and_says_what_and_how(rule: str, refused: Case) -> None:
    found = judge_label(refused)
    assert isinstance(found, Refusal)
    assert (found.rule, found.told) == (rule, next(one.told for one in RULES if one.slug == rule))
    assert found.what
    assert found.how


def test_every_rule_is_tried() -> None:
    assert {rule for rule, _ in REFUSED} == {rule.slug for rule in RULES}
    assert len({rule.slug for rule in RULES}) == len(RULES)


def test_who_asks_comes_before_what_is_asked_for() -> None:
    """An outsider's label on a broken pull request is refused for the outsider, not told what is left to mend."""
    worst = replace(case("standing", permission="read", statuses={}, running="x"), pull=replace(SOUND.pull, draft=True))
    found = judge_label(worst)
    assert isinstance(found, Refusal)
    assert found.rule == "not-permitted"


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("submissions/a/envs/b/task.md", "submissions/a"),
        ("submissions/a/x,y\n::error::", "submissions/a"),
        ("submissions/a", ""),
        ("submissions/README.md", ""),
        ("submissions//a/b", ""),
        ("submissions/a/../../scripts/x", ""),
        ("submissions/./a/b", ""),
        ("/submissions/a/b", ""),
        ("Submissions/a/b", ""),
        (".github/workflows/check.yml", ""),
        ("leaderboard/runs/x.json", ""),
    ],
)
def test_a_path_is_of_one_entry_or_of_none(path: str, entry: str) -> None:
    assert entry_of(path) == entry
    assert trusted(replace(SOUND.pull, paths=(path,))) == bool(entry)
