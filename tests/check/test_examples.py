"""Each folder of tests/examples/tasks is a package, and the check finds in it exactly what its case.yaml says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import cases
import pytest
from packages import SOUND

from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.check.read import check_package
from posttrain_arena.core.check.remembered import Memory
from posttrain_arena.core.check.rules.catalogue import FAMILIES, RULES
from posttrain_arena.core.check.rules.duplicates import DUPLICATE_RULES
from posttrain_arena.core.check.survey import Survey, check_all
from posttrain_arena.core.check.targets import find_targets
from posttrain_arena.model import documents

UNTRIED_HERE = {"file-unreadable"}
"""Root reads every file, and git carries no other kind: test_hostile.py breaks it."""
OF_ENTRIES = {"value-pattern"}
"""No key of a package has a pattern; the names of skills have."""

KIT = documents.REPOSITORY_ROOT / "starting-kit"
PACKAGES = [path for folder in ("examples", "public-sample") for path in packages_in(KIT / folder)]
COMPETITION = read_competition(documents.REPOSITORY_ROOT / "competition.yaml")
ALL = [(verdict, name) for verdict in ("positive", "negative") for name in cases.cases("tasks", verdict)]


def test_the_sound_package_has_no_finding(tmp_path: Path) -> None:
    package = tmp_path / "count-lines"
    shutil.copytree(SOUND, package)
    checked = check_package(package, root=tmp_path, competition=COMPETITION, level="structural")
    assert checked.findings == ()
    assert checked.package is not None


@pytest.mark.parametrize(("verdict", "name"), ALL)
def test_example_has_exactly_the_expected_findings(verdict: str, name: str, tmp_path: Path) -> None:
    package = cases.make_case("tasks", verdict, name, tmp_path / "team", folder="count-lines")
    survey = Survey(
        root=tmp_path,
        competition=COMPETITION,
        level="structural",
        sample=tmp_path / "sample",
        examples=tmp_path / "examples",
        now_ns=0,
        memory=Memory(version=""),
    )
    beside = [tmp_path / place / "other-task" for place in ("team", "other")]
    targets = find_targets([package, *(path for path in beside if path.is_dir())])
    findings = next(subject.findings for path, subject in check_all(targets, survey) if path == package)
    found = cases.said(findings, package.relative_to(tmp_path).as_posix())
    wanted = cases.read_case("tasks", verdict, name)["findings"]
    assert cases.agrees(found, wanted), (found, wanted)
    assert verdict == "negative" or not any(line.startswith("error") for line in wanted)


def test_every_rule_has_an_example_that_breaks_it_and_one_that_nearly_does() -> None:
    negative, positive = (
        [cases.read_case("tasks", verdict, name) for name in cases.cases("tasks", verdict)]
        for verdict in ("negative", "positive")
    )
    rules = {rule.id for rule in (*RULES, *DUPLICATE_RULES)} - OF_ENTRIES
    assert {line.split()[1] for case in negative for line in case["findings"]} == rules - UNTRIED_HERE
    assert {rule for case in positive for rule in case.get("near", ())} == rules
    for case in positive:
        assert not {line.split()[1] for line in case["findings"]} & set(case.get("near", ())), case["about"]


def test_every_rule_says_what_it_is_about() -> None:
    rules = [rule for family in FAMILIES.values() for rule in family]
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        about = rule.about()
        assert all(len(part) > 5 for part in (about.what, about.why, about.how, about.example)), rule.id


def test_the_packages_of_the_kit_have_no_finding_and_are_not_near_each_other() -> None:
    """Examples and sample together, so that neither holds a near copy of the other or of itself."""
    survey = Survey(
        root=documents.REPOSITORY_ROOT,
        competition=COMPETITION,
        level="structural",
        sample=KIT / "public-sample",
        examples=KIT / "examples",
        now_ns=0,
        memory=Memory(version=""),
    )
    judged = check_all(find_targets(PACKAGES), survey)
    assert len(judged) == len(PACKAGES)
    assert {subject.name: subject.findings for _, subject in judged if subject.findings} == {}


@pytest.mark.parametrize(
    "package", [path for path in PACKAGES if (path / "generate.py").exists()], ids=lambda path: path.name
)
def test_the_generator_of_a_package_writes_the_same_bytes_again(package: Path, tmp_path: Path) -> None:
    again = tmp_path / package.name
    again.mkdir()
    scripts = sorted(package.glob("*.py"))
    for script in scripts:
        shutil.copy(script, again)
    subprocess.run([sys.executable, "-I", "generate.py"], cwd=again, check=True)
    made = [path.relative_to(again) for path in again.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    written = [path for path in made if path.name not in {script.name for script in scripts}]
    assert written
    for path in written:
        assert (again / path).read_bytes() == (package / path).read_bytes(), path


def test_template_is_refused_in_every_part_that_is_to_be_filled_in() -> None:
    template = documents.REPOSITORY_ROOT / "starting-kit" / "template"
    checked = check_package(template, root=template.parent, competition=COMPETITION, level="structural")
    marked = {finding.path for finding in checked.findings if finding.rule == "placeholder"}
    parts = ("task.md", "environment/Dockerfile", "verifier/verifier.md", "verifier/test_outputs.py", "oracle/solve.sh")
    assert marked == {f"template/{part}" for part in parts}
