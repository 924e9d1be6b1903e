"""A fake GitHub for each test; whatever a test does, every request must be one that GitHub's own description allows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from act_harness import Actions
    from contract import Contract
    from fake_github import FakeGitHub
    from github.Repository import Repository
    from played_contest import Contest


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Return GitHub's description of its API."""
    from contract import DESCRIPTION, Contract

    if not DESCRIPTION.exists():
        message = "GitHub's description of its API is not here: run scripts/setup/github.sh (needs npm)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return Contract()


@pytest.fixture
def github(tmp_path: Path, contract: Contract, request: pytest.FixtureRequest) -> Iterator[FakeGitHub]:
    """Return a GitHub with one commit on main."""
    from fake_github import FakeGitHub, served

    fake = FakeGitHub(tmp_path, contract)
    fake.store.write("main", {"README.md": b"# Arena\n", "submissions/README.md": b"Entries\n"})
    with served(fake):
        yield fake
    assert fake.requests or "actions" in request.fixturenames  # a workflow may ask for nothing
    assert fake.faults == []


@pytest.fixture
def repository(github: FakeGitHub) -> Repository:
    """Return the repository as the bot has it."""
    from fake_github import NAME

    from posttrain_arena.adapters.github.connection import connect

    return connect("token", github.url).get_repo(NAME)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes | None]:
    """The files of an entry, as a pull request adds them."""
    from played_contest import ENTRY

    from posttrain_arena.cli.demo_kit import SHORT, make_kit

    entry = make_kit(tmp_path_factory.mktemp("kit"), SHORT).entry
    return {f"{ENTRY}/{path.relative_to(entry)}": path.read_bytes() for path in entry.rglob("*") if path.is_file()}


@pytest.fixture
def contest(
    github: FakeGitHub, tmp_path: Path, files: dict[str, bytes | None], monkeypatch: pytest.MonkeyPatch
) -> Contest:
    """Return a green pull request, and repository variables that say where jobs run."""
    from played_contest import Contest

    monkeypatch.setenv("ARENA_STORE", "s3://arena")
    monkeypatch.setenv("ARENA_SUITE", "s3://arena-suite")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    return Contest(github, tmp_path, files)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a store with this project as it lies here, and the name of its tree."""
    from act_harness import project_in

    return project_in(tmp_path_factory.mktemp("project"))


@pytest.fixture
def actions(github: FakeGitHub, tmp_path: Path, project: tuple[Path, str]) -> Actions:
    """Return workflows that run: the fake's main has this project."""
    from act_harness import with_project

    return with_project(github, project, tmp_path / "actions")
