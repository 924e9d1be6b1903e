"""Run one workflow file with act: its own steps, on this machine, against the fake GitHub.

act knows neither permissions nor environments. So each job gets a token of its own, which the fake limits to the job's
permissions, and secrets reach only jobs with an environment. For the actions of others stands ``act_stub``.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from fake_github import NAME, FakeGitHub

ACT = Path(sys.executable).with_name("act")
LIMIT_SEC = 900
_TOOK = re.compile(r"- Main (?P<step>.*) \[(?P<time>[^\]]+)\]")
STUB = Path(__file__).with_name("act_stub.py")
SECRETS = {
    "SKYPILOT_API_SERVER_ENDPOINT": "https://machines.example.org",
    "SKYPILOT_SERVICE_ACCOUNT_TOKEN": "secret-of-skypilot",
    "HF_TOKEN": "secret-of-the-store",
}
VARIABLES = {"ARENA_STORE": "s3://arena", "ARENA_SUITE": "s3://arena-suite"}
_OUTPUTS = {
    "actions/deploy-pages": {"page_url": {"description": "url", "value": "https://pages.example.org/"}},
    "actions/attest-build-provenance": {
        "bundle-path": {"description": "file", "value": "${{ steps.act.outputs.bundle-path }}"}
    },
}


@dataclass(frozen=True)
class Runner:
    """What a repository gives its runs: secrets, variables, and what else stands in the environment of a machine."""

    secrets: Mapping[str, str] = field(default_factory=lambda: dict(SECRETS))
    variables: Mapping[str, str] = field(default_factory=lambda: dict(VARIABLES))
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """A workflow file and the event that starts it; ``merge`` is a pull request's merge commit, where there is one."""

    name: str
    text: str
    event: str
    payload: Mapping[str, Any]
    sha: str
    merge: str = ""
    from_fork: bool = False


@dataclass
class Ran:
    """What became of a workflow: how each job ended (one that was skipped is not there), and what it left."""

    folder: Path
    jobs: dict[str, str] = field(default_factory=dict)
    text: str = ""
    steps: list[tuple[str, str, float]] = field(default_factory=list)
    """Job, step and seconds of each step that ran."""

    @property
    def conclusion(self) -> str:
        if not self.jobs:
            return "skipped"
        return "success" if set(self.jobs.values()) == {"success"} else "failure"

    @property
    def record(self) -> list[dict[str, Any]]:
        path = self.folder / "record.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def artifact(self, name: str) -> Path:
        return self.folder / "artifacts" / name

    def report(self) -> dict[str, Any]:
        """Return the report of a check that it handed over."""
        found: dict[str, Any] = json.loads((self.artifact("report") / "report.json").read_text(encoding="utf-8"))
        return found

    def artifacts(self) -> dict[str, bytes]:
        """Return the artifacts as GitHub hands them out."""
        return {path.name: _zipped(path) for path in sorted((self.folder / "artifacts").glob("*"))}


def run_with_act(github: FakeGitHub, asked: Asked, folder: Path, runner: Runner) -> Ran:
    """Run a workflow in a folder of its own."""
    (folder / "artifacts").mkdir(parents=True)
    workflow = load(asked.text)
    tokens = _tokens(github, workflow, asked, folder.name)
    checkout = _project(folder, _with_tokens(workflow, asked))
    (folder / "event.json").write_text(json.dumps(asked.payload), encoding="utf-8")
    secrets = tokens if asked.from_fork else tokens | dict(runner.secrets)
    words = [
        *(ACT, asked.event, "--json", "--insecure-secrets", "--no-cache-server", "--no-skip-checkout"),
        *("--directory", checkout, "--workflows", checkout / "workflow.yml", "--eventpath", folder / "event.json"),
        *("--platform", "ubuntu-24.04=-self-hosted", "--concurrent-jobs", "2", "--defaultbranch", "main"),
        *("--action-cache-path", folder / "cache", "--env-file", "/dev/null", "--secret-file", "/dev/null"),
        *_each("--env", _environment(github, asked, folder) | dict(runner.environment)),
        *_each("--secret", secrets),
        *_each("--var", runner.variables),
        *_each("--local-repository", _stubs(workflow, folder)),
    ]
    done = subprocess.run(
        list(map(str, words)),
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=LIMIT_SEC,
        check=False,
    )
    ran = Ran(folder=folder)
    for line in (done.stdout + done.stderr).splitlines():
        _read(ran, line)
    if done.returncode and "failure" not in ran.jobs.values():
        raise AssertionError(f"act could not run {asked.name}:\n{ran.text}")
    return ran


def load(text: str) -> dict[str, Any]:
    """Return a workflow; YAML takes the word ``on`` for true."""
    found = yaml.safe_load(text)
    return {"on" if key is True else key: value for key, value in found.items()}


def _tokens(github: FakeGitHub, workflow: Mapping[str, Any], asked: Asked, run: str) -> dict[str, str]:
    """Give each job a token that may do what the job's permissions say: of a fork's, read."""
    tokens = {}
    for job_id, job in workflow["jobs"].items():
        tokens[_token_of(job_id)] = token = f"token-of-{asked.name}-{job_id}-{run}"
        may = job.get("permissions", workflow.get("permissions", {}))
        github.tokens[token] = dict.fromkeys(may, "read") if asked.from_fork else dict(may)
    return tokens


def _token_of(job_id: str) -> str:
    return f"TOKEN_OF_{job_id.upper()}"


def _with_tokens(workflow: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """Return the workflow with each job's own token, and without the secrets that its job has no environment for."""
    jobs = {}
    for job_id, job in workflow["jobs"].items():
        text = json.dumps(job)
        if "environment" not in job:
            text = re.sub(r"\bsecrets\.(?!GITHUB_TOKEN)\w+", "secrets.NONE", text)
        text = re.sub(r"\bgithub\.token\b|\bsecrets\.GITHUB_TOKEN\b", f"secrets.{_token_of(job_id)}", text)
        may = job.get("permissions", workflow.get("permissions", {}))
        own = {"ACT_PERMISSIONS": json.dumps(dict.fromkeys(may, "read") if asked.from_fork else may)}
        jobs[job_id] = json.loads(text) | {"env": job.get("env", {}) | own}
    group = {name: value for name, value in workflow["concurrency"].items() if name != "queue"}  # act knows none
    return workflow | {"jobs": jobs, "concurrency": group}


def _project(folder: Path, workflow: Mapping[str, Any]) -> Path:
    """Make the repository that act believes to be in: nothing but the workflow; checkouts come from the store."""
    project = folder / "project"
    project.mkdir()
    (project / "workflow.yml").write_text(yaml.safe_dump(dict(workflow)), encoding="utf-8")
    git = ["git", "-C", str(project), "-c", "user.name=arena", "-c", "user.email=arena@example.org"]
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["remote", "add", "origin", f"https://github.com/{NAME}"],
        ["commit", "--quiet", "--allow-empty", "--message", "empty"],
    ):
        subprocess.run([*git, *words], check=True)
    return project


def _stubs(workflow: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Write an action for each that the workflow uses, with the inputs that it is given."""
    used: dict[str, set[str]] = {}
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if "uses" in step:
                used.setdefault(step["uses"], set()).update(step.get("with", {}))
    found = {}
    for uses, inputs in used.items():
        name, _, sha = uses.partition("@")
        owner, repository, *below = name.split("/")
        where = folder / "actions" / repository
        env = {"INPUT_" + word.upper().replace("-", "_"): f"${{{{ inputs.{word} }}}}" for word in sorted(inputs)}
        step = {"id": "act", "shell": "bash", "env": env, "run": f'"$ACT_PYTHON" "{STUB}" {name}'}
        action = {
            "name": name,
            "description": f"stands for {name}",
            "inputs": {word: {"description": word} for word in sorted(inputs)},
            "outputs": _OUTPUTS.get(name, {}),
            "runs": {"using": "composite", "steps": [step]},
        }
        where.joinpath(*below).mkdir(parents=True, exist_ok=True)
        where.joinpath(*below, "action.yml").write_text(yaml.safe_dump(action), encoding="utf-8")
        found[f"{owner}/{repository}@{sha}"] = str(where)
    return found


def _environment(github: FakeGitHub, asked: Asked, folder: Path) -> dict[str, str]:
    return {
        "GITHUB_API_URL": github.url,
        "GITHUB_SHA": asked.sha,
        "ACT_RUN": str(folder),
        "ACT_STORE": str(github.store.folder),
        "ACT_EVENT": asked.event,
        "ACT_WORKFLOW": asked.name,
        "ACT_SHA": asked.merge or asked.sha,
        "ACT_MERGE": asked.merge,
        "ACT_PYTHON": sys.executable,
        "ACT_MACHINES": str(github.store.folder.parent / "machines"),
    }


def _each(option: str, values: Mapping[str, str]) -> list[str]:
    return [word for name, value in values.items() for word in (option, f"{name}={value}")]


def _read(ran: Ran, line: str) -> None:
    try:
        told = json.loads(line)
    except ValueError:
        ran.text += f"{line}\n"
        return
    ran.text += told.get("msg", "").rstrip("\n") + "\n"
    took = _TOOK.search(told.get("msg", "")) if told.get("stepResult") else None
    if took is not None and STUB.name not in took["step"]:  # what is inside of an action is part of its step
        ran.steps.append((told["jobID"], took["step"], _seconds(took["time"])))
    if result := told.get("jobResult"):
        before = ran.jobs.get(told["jobID"], "success")  # of a matrix the worst counts
        ran.jobs[told["jobID"]] = result if before == "success" else before


def _seconds(text: str) -> float:
    """Read a duration as act writes it: 1m2.5s, 21.5ms."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(h|ms|m|µs|ns|s)", text))


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return buffer.getvalue()
