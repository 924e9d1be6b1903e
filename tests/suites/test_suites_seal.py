"""``arena suite seal``, ``verify`` and ``reveal``: what is written, what is refused, and that every change is found."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import plain_commitment as plain
import pytest
from sealed_suites import DOMAINS, Sealed, make_suite, rules, run, seal_suite

from posttrain_arena.model import documents
from posttrain_arena.model.sealed_suite import RevealedSuite, SealedSuite, SuiteKey


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    """A sealed suite; tests that change it copy it."""
    sealed = seal_suite(tmp_path_factory.mktemp("made"))
    assert sealed.reveal() == 0
    return sealed


@pytest.fixture
def sealed(made: Sealed, tmp_path: Path) -> Sealed:
    """A copy of a sealed suite that was revealed."""
    top = made.competition.parent
    shutil.copytree(top, tmp_path / "copy")
    return Sealed(
        *(tmp_path / "copy" / path.relative_to(top) for path in (made.suite, made.record, made.key)), made.competition
    )


def test_the_record_is_what_the_definition_gives_and_no_more(made: Sealed) -> None:
    record = documents.read_document(made.record, SealedSuite)
    key = documents.read_document(made.key, SuiteKey).secret
    leaves = []
    for package in sorted(made.suite.iterdir()):
        (line,) = [text for text in (package / "task.md").read_text().splitlines() if "category:" in text]
        domain = line.partition(":")[2].strip()
        leaves.append((plain.leaf(key, package.name, domain, plain.tree_hash(package)), domain))
    leaves.sort()
    assert [(row.leaf, row.domain) for row in record.leaves] == [(leaf.hex(), domain) for leaf, domain in leaves]
    assert record.root == plain.merkle_root([leaf for leaf, _ in leaves]).hex()
    assert (record.n, record.domains) == (6, dict.fromkeys(sorted(DOMAINS), 2))
    assert set(json.loads(made.record.read_bytes())) == {"schema", "version", "n", "root", "leaves", "domains"}
    assert not [package.name for package in made.suite.iterdir() if package.name in made.record.read_text()]


def test_the_key_is_its_owners_alone_and_two_seals_have_two(made: Sealed, tmp_path: Path) -> None:
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    words = ["--out", tmp_path / "other.json", "--key", tmp_path / "other.key", "--competition", made.competition]
    rules(tmp_path / "open.yaml", tasks=6, per_domain=2)
    assert run("seal", made.suite, *words[:-1], tmp_path / "open.yaml") == 0
    assert (
        documents.read_document(tmp_path / "other.key", SuiteKey).key != documents.read_document(made.key, SuiteKey).key
    )


def test_what_is_there_is_never_overwritten(sealed: Sealed, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (sealed.record.read_bytes(), sealed.key.read_bytes())
    words = ["--competition", sealed.competition, "--key"]
    assert run("seal", sealed.suite, "--out", sealed.record, *words, tmp_path / "new.key") == 2
    assert "a suite that is sealed stays sealed" in capsys.readouterr().err
    assert run("seal", sealed.suite, "--out", tmp_path / "new.json", *words, sealed.key) == 2
    assert "a private file is never overwritten" in capsys.readouterr().err
    link = tmp_path / "link.key"
    link.symlink_to(tmp_path / "elsewhere")
    assert run("seal", sealed.suite, "--out", tmp_path / "new.json", *words, link) == 2
    assert (sealed.record.read_bytes(), sealed.key.read_bytes()) == before
    assert not list(tmp_path.glob("new.*"))


def test_private_things_stay_out_of_repositories(
    sealed: Sealed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", repository], check=True)
    words = ["--out", tmp_path / "r.json", "--competition", sealed.competition, "--key"]
    assert run("seal", sealed.suite, *words, repository / "new" / "suite.key") == 2
    assert "lies where git would track it" in capsys.readouterr().err
    (repository / ".gitignore").write_text("*.key\n")
    assert run("seal", sealed.suite, *words, repository / "new" / "suite.key") == 0
    shutil.copytree(sealed.suite, repository / "suite")
    assert (
        run(
            "seal",
            repository / "suite",
            "--out",
            tmp_path / "s.json",
            "--competition",
            sealed.competition,
            "--key",
            tmp_path / "s.key",
        )
        == 2
    )
    assert not (tmp_path / "s.key").exists()


def test_a_suite_that_breaks_a_rule_is_not_sealed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = make_suite(tmp_path / "suite", domains=("sciences", "sciences", "cybersecurity"))
    competition = rules(tmp_path / "competition.yaml", tasks=9, per_domain=2)
    assert run("seal", suite, "--out", tmp_path / "r.json", "--key", tmp_path / "k", "--competition", competition) == 1
    told = capsys.readouterr().err
    assert "4 of 6 tasks are of sciences, 66.7% where at most 40% may be" in told
    assert "0 tasks are of software-engineering where a sealed suite has at least 2: add tasks of it" in told
    assert "6 tasks where competition.yaml (suites.sealed.tasks) says 9" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["competition.yaml", "suite"]


def test_the_contests_own_rules_are_a_fifth_and_ten_tasks_a_domain(
    made: Sealed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("seal", made.suite, "--out", tmp_path / "r.json", "--key", tmp_path / "k") == 1
    told = capsys.readouterr().err
    assert "2 of 6 tasks are of sciences, 33.3% where at most 20% may be" in told
    assert told.count("where a sealed suite has at least 10: add tasks of it") == 8


def test_a_revealed_suite_verifies_whole_and_task_by_task(made: Sealed, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.verify() == 0
    assert made.verify("--key", made.key, "--suite", made.suite) == 0
    assert made.verify("--revealed", made.revealed, "--suite", made.suite) == 0
    assert "6 revealed tasks lead to it, and their packages are what was sealed" in capsys.readouterr().out
    task = documents.read_document(made.revealed, RevealedSuite).tasks[3]
    assert made.verify("--revealed", made.revealed, "--task", task.opaque) == 0
    assert made.verify("--revealed", made.revealed, "--task", task.id) == 0
    assert "1 revealed tasks" in capsys.readouterr().out
    assert made.verify("--revealed", made.revealed, "--task", "T-999") == 2


def test_one_task_can_be_revealed_alone_and_the_key_stays_private(sealed: Sealed, tmp_path: Path) -> None:
    name = sorted(package.name for package in sealed.suite.iterdir())[2]
    assert (
        run(
            "reveal",
            sealed.suite,
            "--record",
            sealed.record,
            "--key",
            sealed.key,
            "--out",
            tmp_path / "one.json",
            "--task",
            name,
        )
        == 0
    )
    one = documents.read_document(tmp_path / "one.json", RevealedSuite)
    assert ([task.id for task in one.tasks], one.key) == ([name], None)
    secret = documents.read_document(sealed.key, SuiteKey).key
    assert secret not in (tmp_path / "one.json").read_text()
    assert sealed.verify("--revealed", tmp_path / "one.json", "--suite", sealed.suite) == 0
    (tree,) = [plain.tree_hash(sealed.suite / name)]
    leaf = plain.leaf(bytes.fromhex(secret), name, one.tasks[0].domain, tree)
    path = [bytes.fromhex(step) for step in one.tasks[0].proof]
    assert plain.root_from(path, leaf, one.tasks[0].index, 6).hex() == sealed.root


def _flips(data: bytes, every: int = 1) -> list[bytes]:
    return [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(0, len(data), every)]


def test_every_flipped_byte_of_the_record_is_found(sealed: Sealed, capsys: pytest.CaptureFixture[str]) -> None:
    data = sealed.record.read_bytes()
    for flipped in _flips(data):
        sealed.record.write_bytes(flipped)
        assert sealed.verify() == 1, flipped
        assert str(sealed.record) in capsys.readouterr().err
    sealed.record.write_bytes(data)
    assert sealed.verify() == 0


def test_every_flipped_byte_of_the_revealed_record_is_found(sealed: Sealed, capsys: pytest.CaptureFixture[str]) -> None:
    data = sealed.revealed.read_bytes()
    for flipped in _flips(data, every=7):
        sealed.revealed.write_bytes(flipped)
        assert sealed.verify("--revealed", sealed.revealed) == 1, flipped
        assert str(sealed.revealed) in capsys.readouterr().err


def test_every_flipped_byte_of_a_package_is_found_and_its_task_named(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    opaque = {task.id: task.opaque for task in documents.read_document(sealed.revealed, RevealedSuite).tasks}
    package = sorted(sealed.suite.iterdir())[1]
    files = [path for path in sorted(package.rglob("*")) if path.is_file() and path.suffix != ".md"]
    assert len(files) >= 4
    for path in files:
        data = path.read_bytes()
        for flipped in _flips(data, every=max(1, len(data) // 2)):
            path.write_bytes(flipped)
            assert sealed.verify("--revealed", sealed.revealed, "--suite", sealed.suite) == 1
            assert f"{opaque[package.name]} ({package.name}): its files are not those" in capsys.readouterr().err
            assert sealed.verify("--key", sealed.key, "--suite", sealed.suite) == 1
            assert f"{package.name}: was not sealed like this" in capsys.readouterr().err
        path.write_bytes(data)
    path = package / "oracle" / "solve.sh"
    os.chmod(path, path.stat().st_mode ^ 0o111)
    assert sealed.verify("--revealed", sealed.revealed, "--suite", sealed.suite) == 1
    assert "its files are not those" in capsys.readouterr().err


def test_missing_added_and_renamed_packages_are_named(sealed: Sealed, capsys: pytest.CaptureFixture[str]) -> None:
    first, *_ = sorted(sealed.suite.iterdir())
    first.rename(first.with_name("renamed"))
    assert sealed.verify("--key", sealed.key, "--suite", sealed.suite) == 1
    assert "renamed: was not sealed like this" in capsys.readouterr().err
    assert sealed.verify("--revealed", sealed.revealed, "--suite", sealed.suite) == 1
    told = capsys.readouterr().err
    assert f"({first.name}): its package is not in the folder" in told
    assert "renamed: is in the folder and was not revealed" in told
    shutil.rmtree(sealed.suite / "renamed")
    assert sealed.verify("--key", sealed.key, "--suite", sealed.suite) == 1
    assert "1 of the 6 sealed tasks are not in the suite" in capsys.readouterr().err
    assert sealed.reveal() == 2


def test_a_flipped_key_opens_nothing(sealed: Sealed, capsys: pytest.CaptureFixture[str]) -> None:
    key = documents.read_document(sealed.key, SuiteKey)
    for changed in ({"key": "0" * 64}, {"root": "0" * 64}):
        sealed.key.write_bytes(documents.encode(documents.to_document(key) | changed))
        assert sealed.verify("--key", sealed.key, "--suite", sealed.suite) == 1
        assert sealed.reveal() == 2
    told = capsys.readouterr().err
    assert "no task of the suite was sealed under this key" in told
    assert "the key is that of another suite" in told
    sealed.key.chmod(0o644)
    assert sealed.reveal() == 2
    assert "others may read it: chmod 600" in capsys.readouterr().err


TAMPERED = {
    "n: says 7": lambda doc: doc.update(n=7),
    "in the order of their bytes": lambda doc: doc["leaves"].reverse(),
    "domains: says": lambda doc: doc["domains"].update(sciences=1, cybersecurity=3),
    "root: says": lambda doc: doc.update(root="0" * 64),
    "the leaves give": lambda doc: doc["leaves"].pop(),
}


@pytest.mark.parametrize("named", TAMPERED)
def test_a_record_that_was_edited_well_is_found_too(
    named: str, sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    doc = json.loads(sealed.record.read_bytes())
    TAMPERED[named](doc)
    sealed.record.write_bytes(documents.encode(doc))
    assert sealed.verify() == 1
    assert named in capsys.readouterr().err


REWRITTEN = {
    "opaque: the key calls it": lambda doc: (
        doc["tasks"][0].update(opaque="T-006") or doc["tasks"][5].update(opaque="T-001")
    ),
    "two tasks have this opaque": lambda doc: doc["tasks"][0].update(opaque="T-002"),
    "leaf: says": lambda doc: doc["tasks"][0].update(id="another"),
    "the public record has no such leaf": lambda doc: doc["tasks"][0].update(domain="finance-economics"),
    "salt: is not the one that the key gives": lambda doc: doc.update(key="0" * 64),
    "5 of 6: with the key all of them are revealed": lambda doc: doc["tasks"].pop(),
    "does not lead from its leaf": lambda doc: doc["tasks"][0]["proof"].reverse(),
    "are of another suite": lambda doc: doc.update(n=5),
}


@pytest.mark.parametrize("named", REWRITTEN)
def test_a_revealed_record_that_was_edited_well_is_found_too(
    named: str, sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    doc = json.loads(sealed.revealed.read_bytes())
    REWRITTEN[named](doc)
    sealed.revealed.write_bytes(documents.encode(doc))
    assert sealed.verify("--revealed", sealed.revealed) == 1
    assert named in capsys.readouterr().err


def test_another_root_than_the_published_one_is_named(
    sealed: Sealed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    competition = rules(tmp_path / "other.yaml", tasks=6, per_domain=2, root="1" * 64)
    assert run("verify", sealed.record, "--competition", competition) == 1
    assert f"competition.yaml (suites.sealed.root) says {'1' * 64}" in capsys.readouterr().err


def test_packages_need_something_to_be_verified_with(made: Sealed) -> None:
    assert made.verify("--suite", made.suite) == 2
    assert made.verify("--key", made.key) == 2
