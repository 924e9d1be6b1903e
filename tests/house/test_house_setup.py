"""The set-up's scripts refuse and report as they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from posttrain_arena.model.documents import REPOSITORY_ROOT

SCRIPTS = REPOSITORY_ROOT / "scripts"
TOOLS = ("bash", "dirname", "env", "mktemp", "tail", "rm", "cat", "sed")


def _run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=os.environ | environment
    )


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """Return a PATH with a few basic tools, and without a package manager."""
    for tool in TOOLS:
        found = subprocess.run(["which", tool], capture_output=True, text=True, check=True).stdout.strip()
        (tmp_path / tool).symlink_to(found)
    (tmp_path / "id").write_text("#!/bin/bash\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    return str(tmp_path)


def test_a_missing_command_that_cannot_be_installed_is_named_with_its_package(bare_path: str) -> None:
    done = _run(SCRIPTS / "setup/need.sh", "no-such-command", "its-package", PATH=bare_path)
    assert done.returncode == 3
    assert "'no-such-command' is missing" in done.stderr
    assert "apt-get install its-package" in done.stderr


def test_a_command_that_is_there_is_left_alone(bare_path: str) -> None:
    done = _run(SCRIPTS / "setup/need.sh", "bash", "no-such-package", PATH=bare_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_engine_a_plain_user_learns_what_to_do(bare_path: str) -> None:
    done = _run(SCRIPTS / "setup/engine.sh", PATH=bare_path)
    assert done.returncode == 3
    assert "no Docker engine answers" in done.stderr
    assert "usermod -aG docker" in done.stderr


def test_a_failing_step_shows_its_words_and_keeps_its_exit_code(tmp_path: Path) -> None:
    script = tmp_path / "step.sh"
    script.write_text(f". {SCRIPTS / 'setup/say.bash'}\ntimed 'a step' bash -c 'echo the reason; exit 7'\n")
    done = _run("bash", script)
    assert done.returncode == 7
    assert "the reason" in done.stderr
    assert "failed (exit 7): a step" in done.stderr


def test_unknown_options_are_usage_errors() -> None:
    assert _run(SCRIPTS / "run_local.sh").returncode == 2
    assert _run(SCRIPTS / "run_local.sh", "one", "two").returncode == 2
    assert _run(SCRIPTS / "run_local.sh", "one", "--no-such-option").returncode == 2
    assert _run(SCRIPTS / "setup.sh", "--no-such-option").returncode == 2


@pytest.mark.docker
def test_set_up_again_is_quick_and_says_in_one_line_what_is_ready() -> None:
    done = subprocess.run([SCRIPTS / "setup.sh"], capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        r"setup: ready: Python packages in \.venv, Docker engine [0-9]\S*, posttrain-arena/base:1 "
        r"\([0-9a-f]{12}, [0-9]+ MB\)\. Next: CONTRIBUTING\.md, step 2\n",
        done.stdout,
    )


def test_a_set_up_that_fails_does_not_say_that_it_is_ready(tmp_path: Path) -> None:
    shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("posttrain_arena"))
    for step in ("venv.sh", "packages.sh", "benchmarks.sh", "base_image.sh"):
        (tmp_path / "scripts" / "setup" / step).write_text("#!/bin/bash\n")
    (tmp_path / "scripts" / "setup" / "engine.sh").write_text("#!/bin/bash\nexit 3\n")
    done = _run(tmp_path / "scripts" / "setup.sh")
    assert (done.returncode, done.stdout) == (3, "")
