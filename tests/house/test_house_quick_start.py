"""The README's quick start does what it says, run as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from posttrain_arena.model.documents import REPOSITORY_ROOT

FINISHED = "tests/examples/tasks/sound"
MANIFEST = "team_name: Team North\ncontact_email: team@example.org\ntrack: environments\n"
EXPECTED = [
    ["make", "setup"],
    [".venv/bin/arena", "new", "entry", "your-team"],
    [".venv/bin/arena", "new", "env", "your-env-name", "--entry", "submissions/your-team"],
    ["python3", "scripts/check_task.py", "submissions/your-team/envs"],
    ["python3", "scripts/check_submission.py", "submissions/your-team"],
    ["scripts/run_local.sh", "submissions/your-team/envs/your-env-name"],
    ["scripts/run_local.sh", "submissions/your-team/envs/your-env-name", "--skip-oracle"],
]


def _commands() -> list[list[str]]:
    readme = (REPOSITORY_ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^## Quick start.*?^```bash\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert block is not None
    return [shlex.split(line, comments=True) for line in block[1].splitlines()]


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Leave out what was built here (hidden folders, caches) and the entries."""
    inside = Path(folder).relative_to(REPOSITORY_ROOT)
    built = {name for name in names if name.startswith(".") or name in {"__pycache__", "_site"}}
    entries = {name for name in names if (Path(folder) / name).is_dir()} if inside == Path("submissions") else set()
    return built | entries


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of this checkout with no entry in it, and with the packages that `make setup` installed here."""
    copy = tmp_path / "checkout"
    shutil.copytree(REPOSITORY_ROOT, copy, ignore=_left_out)
    assert (REPOSITORY_ROOT / ".venv").is_dir(), "run `make setup` first"
    (copy / ".venv").symlink_to(REPOSITORY_ROOT / ".venv")
    return copy


def _run(command: list[str], checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=300, check=False)


def _must_pass(command: list[str], checkout: Path) -> str:
    done = _run(command, checkout)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_readme_has_the_quick_start() -> None:
    assert _commands() == EXPECTED


@pytest.mark.docker
def test_quick_start_leads_from_the_template_to_a_package_that_passes(checkout: Path) -> None:
    setup, new_entry, new_env, check_task, check_submission, oracle, empty = _commands()
    _must_pass(setup, REPOSITORY_ROOT)  # the copy shares the packages that are here
    for command in (new_entry, new_env):
        _must_pass(command, checkout)

    refused = _run(check_task, checkout)
    assert refused.returncode == 1
    assert "CHANGE-ME" in refused.stdout

    package = checkout / oracle[-1]
    shutil.rmtree(package)
    shutil.copytree(checkout / FINISHED, package)  # what a contributor's own work ends in
    unnamed = _run(check_submission, checkout)
    assert unnamed.returncode == 1
    assert "submission.yaml" in unnamed.stdout

    (checkout / "submissions/your-team/submission.yaml").write_text(MANIFEST, encoding="utf-8")
    _must_pass(check_task, checkout)
    _must_pass(check_submission, checkout)
    assert "reward 1.0" in _must_pass(oracle, checkout)
    assert "reward 0.0" in _must_pass(empty, checkout)

    (package / "oracle/solve.sh").write_text("#!/bin/bash\ntrue\n", encoding="utf-8")
    assert _run(oracle, checkout).returncode == 1
