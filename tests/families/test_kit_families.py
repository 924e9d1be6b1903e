"""Families make valid packages that differ in what they ask for, the same ones each time; or nothing, with a reason."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from posttrain_arena.cli.main import main
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import REPOSITORY_ROOT, read_document
from posttrain_arena.model.report import Report
from posttrain_arena.model.tree import tree_digest

sys.path.insert(0, str(REPOSITORY_ROOT / "tests" / "benchmarks"))
from entry_of_families import MANIFEST, family_names, make_entry, verdict

NAMES = family_names()
SETTINGS = "schema: family/1\nname: {name}\ndescription: Words to count.\n{more}parameters:\n{parameters}"
TASK = (FAMILIES / "copy-word" / "package" / "task.md").read_text(encoding="utf-8").split("## prompt")[0]
COLOURS = (
    "  colour: {choose: 1, values: [red, green, blue, white, black, brown, olive, amber]}\n"
    "  size: {choose: 1, values: [small, large, huge, tiny]}\n"
)
FEW = "  colour: {choose: 1, values: [red, blue]}\n  size: {choose: 1, values: [small, large]}\n"


def digests(packages: list[Path]) -> list[str]:
    return [tree_digest(package) for package in packages]


def write_family(folder: Path, *, more: str = "", parameters: str = COLOURS, program: str | None = None) -> Path:
    """Write a family of two parameters with the package of copy-word, whose prompt names both."""
    for source in (FAMILIES / "copy-word" / "package").rglob("*"):
        if source.is_file():
            name = source.relative_to(FAMILIES / "copy-word").as_posix().replace("{{file}}", "note")
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text(encoding="utf-8").replace("{{file}}", "note").replace("{{text}}", "{{colour}}")
            (folder / name).write_text(text, encoding="utf-8")
    (folder / "package" / "task.md").write_text(
        f"{TASK}## prompt\n\nCopy {{{{size}}}} note to out.\n", encoding="utf-8"
    )
    settings = SETTINGS.format(name=folder.name, more=more, parameters=parameters)
    (folder / "family.yaml").write_text(settings, encoding="utf-8")
    if program is not None:
        (folder / "data.py").write_text(program, encoding="utf-8")
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_there_are_families_for_a_real_model_in_every_domain() -> None:
    texts = [(FAMILIES / name / "package" / "task.md").read_text(encoding="utf-8") for name in NAMES]
    lines = [next(line for line in text.split("\n") if "category:" in line) for text in texts]
    domains = read_competition(REPOSITORY_ROOT / "competition.yaml").domains
    assert {line.split()[-1] for line in lines} == {domain.slug for domain in domains}


@pytest.mark.parametrize("name", NAMES)
def test_packages_are_the_same_each_time_and_first_goes_on_where_count_ended(name: str, tmp_path: Path) -> None:
    def made(folder: str, **wanted: int) -> list[str]:
        return digests(render_family(FAMILIES / name, Draw(split="train", **wanted), out=tmp_path / folder))

    ten = made("ten", count=10, seed=0)
    assert made("again", count=10, seed=0) == ten
    assert made("front", count=4, seed=0) + made("rest", count=6, seed=0, first=4) == ten
    assert made("other", count=10, seed=1) != ten
    assert len(set(ten)) == 10


@pytest.mark.parametrize("name", NAMES)
def test_no_package_of_one_split_is_in_the_other(name: str, tmp_path: Path) -> None:
    splits = [
        set(digests(render_family(FAMILIES / name, Draw(split=split, count=10, seed=3), out=tmp_path / split)))
        for split in ("train", "held-out")
    ]
    assert splits[0].isdisjoint(splits[1])


def test_an_entry_of_a_hundred_packages_has_no_finding_and_no_duplicate(tmp_path: Path) -> None:
    make_entry(tmp_path / "families", 100)
    main(["check", str(tmp_path / "families"), "--out", str(tmp_path / "report.json")])
    report = read_document(tmp_path / "report.json", Report)
    assert verdict(report, 100) == []


def test_a_single_finding_spoils_the_entry(tmp_path: Path) -> None:
    make_entry(tmp_path / "families", 12)
    package = next((tmp_path / "families" / "envs").iterdir())
    package.rename(package.with_name("task-01"))
    main(["check", str(tmp_path / "families"), "--out", str(tmp_path / "report.json")])
    told = "\n".join(verdict(read_document(tmp_path / "report.json", Report), 12))
    assert "[package-name-vague]" in told
    assert "[entry-too-small]" in told


def test_a_family_outside_the_kit_fills_an_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "def make(values, random):\n"
        "    word = random.choice(['oak', 'elm'])\n"
        "    return {'word': word}, {'environment/extra.txt': word + '\\n'}\n"
    )
    family = write_family(tmp_path / "paint-count-pots", program=program)
    write(tmp_path / "entry" / "submission.yaml", MANIFEST)
    monkeypatch.chdir(tmp_path / "entry")
    assert main(["new", "env", "--family", str(family), "--count", "3", "--first", "2"]) == 0
    names = sorted(path.name for path in (tmp_path / "entry" / "envs").iterdir())
    assert names == [f"paint-count-pots-train-{number:03d}" for number in (2, 3, 4)]
    assert [Path(line).name for line in capsys.readouterr().out.splitlines()] == names
    assert (tmp_path / "entry" / "envs" / names[0] / "environment" / "extra.txt").read_text() in ("oak\n", "elm\n")


def test_packages_differ_in_as_many_parameters_as_the_family_says(tmp_path: Path) -> None:
    family = write_family(tmp_path / "paint-count-pots", more="differ: 2\n")
    with pytest.raises(UsageError, match=r"gives only [1-4] packages of split 'train', not 9: ask for fewer"):
        render_family(family, Draw(split="train", count=9, seed=0), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_names_that_exist_stay_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = NAMES[0]
    arguments = ["new", "env", "--family", name, "--out", str(tmp_path)]
    assert main([*arguments, "--count", "2"]) == 0
    before = [(path.name, tree_digest(path)) for path in sorted(tmp_path.iterdir())]
    assert main([*arguments, "--count", "3", "--first", "1"]) == 2
    assert f"{name}-train-001 is there already: remove it, or make others with --first" in capsys.readouterr().err
    assert [(path.name, tree_digest(path)) for path in sorted(tmp_path.iterdir())] == before


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "no template": (lambda folder: (folder / "package").rename(folder / "packages"), "has no folder package/"),
    "other name": (
        lambda folder: write(folder / "family.yaml", SETTINGS.format(name="other", more="", parameters=COLOURS)),
        "name: 'other' is not the name of its folder",
    ),
    "unknown key": (
        lambda folder: write(
            folder / "family.yaml", SETTINGS.format(name="a-b", more="colour: 1\n", parameters=COLOURS)
        ),
        "'colour' was unexpected",
    ),
    "too many chosen": (
        lambda folder: write_family(folder, parameters="  colour: {choose: 3, values: [red, green]}\n"),
        "parameters/colour: choose 3 of 2 values",
    ),
    "differ in too much": (
        lambda folder: write_family(folder, more="differ: 3\n"),
        "differ: 3 is more than the 2 para",
    ),
    "word without value": (
        lambda folder: write(folder / "package" / "environment" / "note", "{{ shape }}\n"),
        "environment/note: 'shape' is undefined: give it a value",
    ),
    "no template language": (
        lambda folder: write(folder / "package" / "oracle" / "solve.sh", "#!/bin/bash\n{% if colour %}\n"),
        "oracle/solve.sh:2: Unexpected end of template",
    ),
    "link": (lambda folder: (folder / "package" / "link").symlink_to("/etc/hostname"), "is a link"),
    "parameter without use": (
        lambda folder: write_family(folder, parameters=f"{FEW}  idle: {{choose: 1, values: [a, b, c, d, e, f, g]}}\n"),
        "are the same: use each of",
    ),
    "program that is no Python": (lambda folder: write(folder / "data.py", "def make(\n"), "data.py:1: SyntaxError"),
    "program without make": (lambda folder: write(folder / "data.py", "x = 1\n"), "has no function make(values, rand"),
    "program that fails": (
        lambda folder: write(folder / "data.py", "def make(values, random):\n    return 1 / 0\n"),
        "data.py:2: ZeroDivisionError: division by zero: mend it (for colour=",
    ),
    "file outside": (
        lambda folder: write(folder / "data.py", "def make(v, r):\n    return {}, {'../x': 'y'}\n"),
        "'../x' is no new file inside the package",
    ),
    "file of the template": (
        lambda folder: write(folder / "data.py", "def make(v, r):\n    return {}, {'task.md': 'y'}\n"),
        "'task.md' is no new file inside the package",
    ),
    "file without text": (
        lambda folder: write(folder / "data.py", "def make(v, r):\n    return {}, {'x': 3}\n"),
        "'x' is given no text",
    ),
    "word twice": (
        lambda folder: write(folder / "data.py", "def make(v, r):\n    return {'size': 1}, {}\n"),
        "'size' is a parameter already",
    ),
    "packages that are refused": (
        lambda folder: (folder / "package" / "verifier" / "test.sh").unlink(),
        "do not pass the check: a-b-train-000/",
    ),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_family_that_is_wrong_says_so_and_leaves_nothing(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    family = write_family(tmp_path / "a-b")
    break_it, message = WRONG[case]
    break_it(family)
    out = tmp_path / "new" / "envs"
    assert main(["new", "env", "--family", str(family), "--count", "6", "--out", str(out)]) == 2
    assert message in capsys.readouterr().err
    assert not out.parent.exists()
