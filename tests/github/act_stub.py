"""What stands for GitHub's own actions on a runner: ``act_stub.py ACTION`` with the inputs in ``INPUT_…``.

Commits come from the fake's store, artifacts are folders of the run, and what has no machine here (signing, deploying,
reminding) is written into the run's record. Each asks for the permissions that the real action needs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

RUN = Path(os.environ["ACT_RUN"])
WORKSPACE = Path(os.environ["GITHUB_WORKSPACE"])
TRUSTED = ("pull_request_target", "workflow_run")
NEEDS = {
    "checkout": {"contents": "read"},
    "attest-build-provenance": {"id-token": "write", "attestations": "write"},
    "deploy-pages": {"id-token": "write", "pages": "write"},
    "stale": {"issues": "write", "pull-requests": "write"},
}
_PYTHON = """\
#!/usr/bin/env bash
# The packages are those of the machine: what would be installed is installed.
case "$*" in *"-m pip"*) exit ;; esac
PYTHONPATH={scripts} exec {python} "$@"
"""
_ARENA = """\
#!/usr/bin/env bash
PYTHONPATH={scripts}:{tests}:{tests}/github exec {python} {program} "$@"
"""


def given(name: str) -> str:
    """Return an input of the action; empty where it has none."""
    return os.environ.get("INPUT_" + name.upper().replace("-", "_"), "")


def record(**facts: object) -> None:
    with (RUN / "record.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(facts) + "\n")


def checkout() -> None:
    """Fetch one commit of the store, as deep as asked; the event's own where none is named."""
    if os.environ["ACT_EVENT"] in TRUSTED and (given("ref") or given("repository")):
        raise SystemExit("refusing to check out a pull request's code in a trusted workflow")
    if given("persist-credentials") != "false":
        raise SystemExit("the token would be left in the checkout")
    target = WORKSPACE / given("path")
    for old in target.iterdir() if target.is_dir() else ():
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    target.mkdir(parents=True, exist_ok=True)
    sha = given("ref") or os.environ["ACT_SHA"]
    git = ["git", "-C", str(target), "-c", "advice.detachedHead=false"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    (target / ".git" / "objects" / "info" / "alternates").write_text(f"{os.environ['ACT_STORE']}/objects\n")
    deepest = [*git, "rev-list", f"--max-count={given('fetch-depth') or 1}", "--first-parent", sha]
    ends = subprocess.run(deepest, check=True, capture_output=True, text=True).stdout.split()[-1:]
    (target / ".git" / "shallow").write_text("".join(f"{one}\n" for one in ends))
    subprocess.run([*git, "checkout", "--quiet", "--detach", sha], check=True)
    record(action="checkout", path=given("path"), sha=sha, job=os.environ["GITHUB_JOB"])
    if sha != os.environ.get("ACT_MERGE"):  # a pull request's tree is data: nothing is set up in it
        _environment(target)


def _environment(checkout: Path) -> None:
    """Put down an environment that has all packages, and this checkout's own code."""
    binaries = checkout / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "activate").write_text(f"VIRTUAL_ENV={checkout.resolve()}/.venv\n", encoding="utf-8")
    facts = {
        "scripts": checkout.resolve() / "scripts",
        "python": os.environ["ACT_PYTHON"],
        "program": Path(__file__).with_name("act_arena.py"),
        "tests": Path(__file__).parent.parent,
    }
    for name, text in {"python": _PYTHON, "pip": _PYTHON, "arena": _ARENA}.items():
        (binaries / name).write_text(text.format(**facts), encoding="utf-8")
        (binaries / name).chmod(0o755)


def upload_artifact() -> None:
    source = WORKSPACE / given("path")
    if not source.exists():
        if given("if-no-files-found") == "ignore":
            return
        raise SystemExit(f"no files were found at {given('path')}")
    target = RUN / "artifacts" / (given("name") or "artifact")
    target.mkdir(parents=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


def download_artifact() -> None:
    target = WORKSPACE / given("path")
    for artifact in sorted((RUN / "artifacts").glob("*")):
        if artifact.name == given("name"):
            shutil.copytree(artifact, target, dirs_exist_ok=True)
        elif given("pattern") and fnmatch(artifact.name, given("pattern")):
            shutil.copytree(artifact, target / artifact.name, dirs_exist_ok=True)


def upload_pages_artifact() -> None:
    shutil.copytree(WORKSPACE / given("path"), RUN / "artifacts" / "github-pages")


def deploy_pages() -> None:
    if not (RUN / "artifacts" / "github-pages").is_dir():
        raise SystemExit("there is no artifact of pages to deploy")
    record(action="deploy-pages")


def attest_build_provenance() -> None:
    """Sign as the workflow that this run is of, with the keys of a Sigstore that only the tests trust."""
    from played_sigstore import PlayedSigstore, statement

    paths = [WORKSPACE / name for name in given("subject-path").split(",")]
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise SystemExit(f"could not find subject at path {missing}")
    repository, workflow = os.environ["GITHUB_REPOSITORY"], os.environ["ACT_WORKFLOW"]
    identity = f"https://github.com/{repository}/.github/workflows/{workflow}.yml@refs/heads/main"
    said = statement({path.name: path.read_bytes() for path in paths})
    issuer = "https://token.actions.githubusercontent.com"
    bundle = RUN / "attestation.json"
    bundle.write_bytes(PlayedSigstore().bundle(said, identity=identity, repository=repository, issuer=issuer))
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.write(f"bundle-path={bundle}\n")
    record(action="attest", subjects=[str(path.relative_to(WORKSPACE)) for path in paths])


def save() -> None:
    """Remember what would be kept, and whether it is there."""
    record(action="cache", path=given("path"), key=given("key"), there=(WORKSPACE / given("path")).is_dir())


def stale() -> None:
    record(action="stale", **{name[6:]: value for name, value in os.environ.items() if name.startswith("INPUT_")})


def restore() -> None:
    """A cache that has nothing."""


def main(action: str) -> None:
    name = action.rpartition("/")[2]
    has = json.loads(os.environ["ACT_PERMISSIONS"])
    for permission, access in NEEDS.get(name, {}).items():
        if access not in (has.get(permission), {"write": "read"}.get(has.get(permission, ""))):
            raise SystemExit(f"Resource not accessible by integration: {action} needs {permission}: {access}")
    globals()[name.replace("-", "_")]()


if __name__ == "__main__":
    main(sys.argv[1])
