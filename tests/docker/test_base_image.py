"""The shared base image has what it promises, works for a plain user, and comes out the same each time."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from trial_packages import BASE, write_package

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.trial.agents import Oracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.trial import Isolation

pytestmark = pytest.mark.docker
BUILD = REPOSITORY_ROOT / "scripts/setup/base_image.sh"
DIGEST = REPOSITORY_ROOT / "scripts/setup/image_digest.py"
TOOLS = [
    "apt-get",
    "awk",
    "bash",
    "bc",
    "bzip2",
    "cmp",
    "column",
    "curl",
    "cut",
    "diff",
    "file",
    "find",
    "gawk",
    "git",
    "grep",
    "gzip",
    "hexdump",
    "jq",
    "less",
    "make",
    "openssl",
    "patch",
    "pgrep",
    "pip",
    "ps",
    "pytest",
    "python",
    "python3",
    "sed",
    "sort",
    "sqlite3",
    "tar",
    "tree",
    "unzip",
    "xargs",
    "xxd",
    "xz",
    "zip",
]
CLOSED = {
    "/etc/.pwd.lock",
    "/etc/gshadow",
    "/etc/security/opasswd",
    "/etc/shadow",
    "/etc/ssl/private",
    "/var/cache/apt/archives/partial",
    "/var/cache/debconf/passwords.dat",
    "/var/cache/ldconfig",
    "/var/lib/apt/lists/partial",
    "/var/lib/dpkg/lock",
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/triggers/Lock",
}
"""What the distribution keeps from plain users: passwords, and locks of the package manager."""

USER_PACKAGE = f"""\
FROM {BASE}
COPY note /root/note
USER agent
RUN test "$(id -u):$(id -g)" = 1000:1000 && test "$HOME" = /home/agent && cp note mine && touch "$HOME/made"
"""
OWN_WORK = """\
set -e
echo "$(id -u) $HOME $PWD"
python3 -m venv ~/venv
~/venv/bin/python -c 'import zoneinfo; print(zoneinfo.ZoneInfo("Europe/Lisbon"))'
git init -q ~/code
cat mine >out
printf 'def test_out():\\n    assert open("/root/out").read() == "alpha\\\\n"\\n' >~/test_out.py
pytest -q -p no:cacheprovider --ctrf /root/ctrf.json ~/test_out.py
jq -r .results.summary.passed /root/ctrf.json
"""


def _docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _plain_user(script: str, image: str = BASE) -> str:
    return _docker("run", "--rm", "--network", "none", "--user", "agent", image, "bash", "-c", script)


def _digest(image: str) -> str:
    done = subprocess.run([sys.executable, DIGEST, image], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("sha256:")
    return done.stdout.strip()


def test_common_tools_are_there_for_a_plain_user() -> None:
    missing = _plain_user(f"for tool in {' '.join(TOOLS)}; do command -v $tool >/dev/null || echo $tool; done")
    assert missing.split() == []


def test_what_is_installed_can_be_read_by_everybody() -> None:
    closed = _plain_user("find / -xdev ! -type l ! -readable -print 2>/dev/null; true").split()
    assert set(closed) <= CLOSED


def test_a_user_of_the_image_may_work_in_home_and_workspace(tmp_path: Path) -> None:
    package = write_package(tmp_path, "plain-user", dockerfile=USER_PACKAGE)
    image = _docker("build", "--quiet", str(package.path / "environment")).strip()
    try:
        said = _docker("run", "--rm", "--network", "none", image, "bash", "-c", OWN_WORK).split("\n")
    finally:
        _docker("rmi", image)
    assert said[:2] == ["1000 /home/agent /root", "Europe/Lisbon"]
    assert said[-2] == "1"


@pytest.mark.parametrize("isolation", ["fresh", "warm"])
def test_a_package_with_a_user_passes_its_trial(engine: DockerEngine, tmp_path: Path, isolation: Isolation) -> None:
    package = write_package(tmp_path, "user-in-dockerfile", dockerfile=USER_PACKAGE)
    trial = run_trial(TrialRequest(task=package, agent=Oracle(), isolation=isolation), engine)
    assert (trial.failure, trial.reward) == (None, 1.0)


def test_two_builds_without_cache_hold_the_same() -> None:
    base = _docker("image", "inspect", "--format", '{{index .Config.Labels "org.posttrain-arena.base"}}', BASE).strip()
    digests = []
    for number in (1, 2):
        image = f"posttrain-arena/base:again-{os.getpid()}-{number}"
        done = subprocess.run(
            [BUILD, "--base", base, "--tag", image, "--no-cache"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        try:
            digests.append(_digest(image))
        finally:
            _docker("rmi", image)
        assert f"content: {digests[-1]}" in done.stdout
        assert " bytes" in done.stdout
    assert digests[0] == digests[1]


def _image(mode: int = 0o644, uid: int = 0, content: bytes = b"alpha", time: int = 1, target: str = "file") -> str:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        file = tarfile.TarInfo("file")
        file.mode, file.uid, file.size, file.mtime = mode, uid, len(content), time
        archive.addfile(file, io.BytesIO(content))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, target
        archive.addfile(link)
    made = subprocess.run(["docker", "import", "-"], input=buffer.getvalue(), capture_output=True, check=True)
    image = made.stdout.decode().strip()
    try:
        return _digest(image)
    finally:
        _docker("rmi", image)


def test_the_digest_tells_content_rights_and_owners_and_no_times() -> None:
    same = _image()
    assert _image(time=2_000_000_000) == same
    others = {_image(mode=0o755), _image(uid=1000), _image(content=b"beta"), _image(target="elsewhere")}
    assert len(others - {same}) == 4


def test_the_digest_of_no_image_is_refused() -> None:
    done = subprocess.run([sys.executable, DIGEST, "no-such-image:1"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert "no-such-image" in done.stderr
