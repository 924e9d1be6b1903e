"""The comment about the check: golden texts, one for each outcome, and nothing of a contributor's that acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from posttrain_arena.core.check.rules.catalogue import FAMILIES
from posttrain_arena.core.check.summary import build_report
from posttrain_arena.core.contest.check_comment import MARKER, MAX_CHARS, CheckNews, StageNews, check_comment
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Report, Subject, TrialSummary

ENTRY = "submissions/team-north"
KNOWN = frozenset(rule.id for family in FAMILIES.values() for rule in family)
HOSTILE = "@all <!-- arena:check --> <img src=x> [x](https://evil.example) `|` ```\n\u202e#1 </details>"


def finding(rule: str = "category-unknown", **changes: object) -> Finding:
    sound = Finding(
        rule=rule,
        severity="error",
        path=f"{ENTRY}/envs/logs-find-intruders/task.md",
        line=6,
        column=3,
        what="the category 'security' is not a domain: did you mean 'cybersecurity'?",
        how="write category: cybersecurity",
    )
    return replace(sound, **changes)


def trial(agent: str, reward: float | None) -> TrialSummary:
    return TrialSummary(agent=agent, reward=reward, passed=reward == 1.0, failure=None, seconds=0.4)


def package(name: str, *findings: Finding, trials: tuple[TrialSummary, ...] = ()) -> Subject:
    outcome = "fix" if any(one.severity == "error" for one in findings) else "passed"
    return Subject(
        kind="package",
        name=name,
        path=f"{ENTRY}/envs/{name}",
        digest=None,
        outcome=outcome,
        findings=findings,
        trials=trials,
    )


def files(*subjects: Subject) -> Report:
    return build_report("structural", subjects)


def trials(*subjects: Subject) -> Report:
    return build_report("publication-grade", subjects)


def news(*stages: StageNews) -> CheckNews:
    return CheckNews(
        head="0123456789abcdef" * 2 + "01234567",
        stages=stages,
        rules_url="https://github.com/posttrain-arena/posttrain-arena/blob/main/docs/rules.md",
        known_rules=KNOWN,
        label="post-train",
    )


def flooded(name: str) -> Subject:
    path = f"{ENTRY}/envs/{name}/task.md"
    return package(name, *(finding(rule, path=path, line=line) for line, rule in enumerate(sorted(KNOWN)[:3], start=1)))


SOUND_TRIALS = (trial("oracle", 1.0), trial("oracle", 1.0), trial("noop", 0.0), trial("probe:conftest", 0.0))
TWO = (
    finding(),
    finding("author-missing", line=1, column=None, what="metadata.author_name is missing", how="write who made it"),
)
CASES = {
    "fix": news(
        StageNews(
            stage="files",
            state="fix",
            report=files(
                package("logs-find-intruders", *TWO, finding("tag-form", severity="warning")), package("sums-add")
            ),
            url="https://github.com/posttrain-arena/posttrain-arena/actions/runs/7",
        ),
        StageNews(stage="trials", state="waiting", why="the files come first"),
    ),
    "fix-in-trials": news(
        StageNews(stage="files", state="passed", report=files(package("logs-find-intruders"))),
        StageNews(
            stage="trials",
            state="fix",
            report=trials(
                package(
                    "logs-find-intruders",
                    finding(
                        "probe-passes",
                        path=f"{ENTRY}/envs/logs-find-intruders/verifier/test.sh",
                        line=None,
                        column=None,
                        what="the cheat conftest earns 1.0: it leaves a conftest.py",
                        how="run nothing that lies in the workspace",
                    ),
                    trials=(trial("oracle", 1.0), trial("noop", None), trial("probe:conftest", 1.0)),
                ),
                package("sums-add", trials=SOUND_TRIALS),
            ),
        ),
    ),
    "passed": news(
        StageNews(stage="files", state="passed", report=files(package("sums-add"))),
        StageNews(stage="trials", state="passed", report=trials(package("sums-add", trials=SOUND_TRIALS))),
    ),
    "broken": news(
        StageNews(stage="files", state="passed", report=files(package("sums-add"))),
        StageNews(stage="trials", state="broken", why="the container engine did not answer; attempt 2 of 3"),
    ),
    "flood": news(
        StageNews(
            stage="files",
            state="fix",
            report=files(*(flooded(f"package-{number:03}") for number in range(70))),
        ),
        StageNews(stage="trials", state="waiting", why="the files come first"),
    ),
    "running": news(StageNews(stage="files", state="running"), StageNews(stage="trials", state="waiting")),
    "hostile": news(
        StageNews(
            stage="files",
            state="fix",
            report=files(
                package(HOSTILE, finding(HOSTILE, path=HOSTILE, what=HOSTILE, how=HOSTILE), trials=SOUND_TRIALS)
            ),
        )
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_comment_is_the_golden_one(name: str, golden: Callable[[str, bytes], None]) -> None:
    golden(f"comments/check-{name}.md", check_comment(CASES[name]).encode())


@pytest.mark.parametrize("name", CASES)
def test_links_lead_to_the_arena_alone_and_the_marker_is_there_once(name: str) -> None:
    text = check_comment(CASES[name])
    html = MarkdownIt("commonmark").enable("table").render(text)
    outside = re.sub(r"<code.*?</code>", "", html, flags=re.DOTALL)
    assert text.startswith(f"{MARKER}\n")
    assert outside.count("<!--") == 1
    links = re.findall(r'href="([^"]*)"', outside)
    assert all(link.startswith("https://github.com/posttrain-arena/posttrain-arena/") for link in links)
    assert not re.search(r"@|<img|evil|</details>.*</details>", outside, flags=re.DOTALL)


def test_a_flood_of_findings_is_cut_and_says_where_the_rest_is() -> None:
    many = [finding(what="x" * 5000, line=number) for number in range(1, 900)]
    packages = [package(f"package-{number}", *many[number::40]) for number in range(40)]
    text = check_comment(news(StageNews(stage="files", state="fix", report=files(*packages))))
    assert len(text) <= MAX_CHARS
    assert "and 896 more: the whole report has them" in text or "and 859 more: the whole report has them" in text
    assert "and 25 packages more" in text


def test_what_is_in_order_is_folded_away_and_one_error_is_not_told_twice() -> None:
    text = check_comment(CASES["fix-in-trials"])
    assert text.index("logs-find-intruders") < text.index("1 package with nothing to mend") < text.index("sums-add")
    assert text.count("it leaves a conftest.py") == 1


@pytest.mark.parametrize("name", CASES)
def test_a_comment_has_no_empty_lines_in_a_row_and_its_outcome_comes_first(name: str) -> None:
    text = check_comment(CASES[name])
    assert "\n\n\n" not in re.sub(r"(`{3,})text\n.*?\n\1\n", "code\n", text, flags=re.DOTALL)
    assert text.splitlines()[1].startswith("### ")


def test_a_finding_that_both_stages_have_is_told_once() -> None:
    both = news(
        StageNews(stage="files", state="fix", report=files(package("a", finding()))),
        StageNews(stage="trials", state="fix", report=trials(package("a", finding()))),
    )
    assert "### Fix these: 1 error\n" in check_comment(both)
