"""Run agents of the tests by the arena's own commands, evaluate and audit what they left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from posttrain_arena.adapters.agents.audited_run import protected
from posttrain_arena.adapters.benchmarks.process import items_of
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.audit import Audit
from posttrain_arena.model.documents import REPOSITORY_ROOT, read_document

HONEST_PROJECTION = 0.5
"""Honest runs of the tiny model project less than this on the step of its instruct model: test_honest measures it."""

AGENTS = REPOSITORY_ROOT / "tests" / "agents"
TRAINER = REPOSITORY_ROOT / "starting-kit" / "agents" / "scripted-sft" / "train.py"
LEARN = AGENTS / "cheats" / "learn.py"
SECRET = bytes(range(32))
EMBEDDED = "tiny-reasoning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the runs of a test session lie."""

    home: Path
    agents: dict[Path, Path] = field(default_factory=dict)
    """The folder of the agent of each run, as it was at the run."""

    @property
    def secret(self) -> Path:
        """The organisers' secret."""
        path = self.home / "secret.key"
        path.write_bytes(SECRET)
        return path

    def agent(self, source: Path, extra: dict[str, Path] | None = None, leak: str = "") -> Path:
        """Put an agent's folder together: its files, the trainer, what it got hold of."""
        folder = self.home / "agents" / source.name
        shutil.copytree(source, folder, dirs_exist_ok=True)
        for name, path in {"train.py": TRAINER, "learn.py": LEARN, **(extra or {})}.items():
            shutil.copyfile(path, folder / name)
        if leak:
            (folder / "leak.jsonl").write_text(leaked(leak), encoding="utf-8")
        return folder

    def run(self, agent: Path, *, name: str, seed: int = 0, benchmark: str = EMBEDDED, seconds: float = 60) -> Path:
        """Run an agent."""
        out = self.home / "runs" / name
        options = ["--seed", str(seed), "--benchmark", benchmark, "--budget-sec", str(seconds), "--cpus", "1"]
        kept = self.home / "ran" / name
        shutil.copytree(agent, kept)
        self.agents[out] = kept
        arena("agents", "run", str(agent), "--out", str(out), *options)
        return out

    def evaluate(self, run: Path) -> AgentEvaluation:
        """Evaluate a run on the hidden split."""
        arena("agents", "evaluate", str(run), "--secret", str(self.secret))
        return read_document(run / "evaluation.json", AgentEvaluation)

    def audit(self, run: Path, references: Path, *, agent: bool = True) -> tuple[Audit, int]:
        """Audit a run, with or without the agent's own folder; return the audit and the exit code."""
        given = ["--agent", str(self.agents[run])] if agent else []
        known = ["--secret", str(self.secret), "--references", str(references)]
        code = arena("audit", str(run), *known, *given, codes=(0, 1))
        return read_document(run / "audit.json", Audit), code


def arena(*arguments: str, codes: tuple[int, ...] = (0,)) -> int:
    """Run the command; it must end with one of ``codes``."""
    argv = [sys.executable, "-m", "posttrain_arena", *arguments]
    done = subprocess.run(argv, cwd=REPOSITORY_ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode in codes, f"{arguments}: {done.returncode}: {done.stderr[-2000:]}{done.stdout[-500:]}"
    return done.returncode


def leaked(benchmark: str) -> str:
    """Return the hidden items as somebody would have got hold of them."""
    rows = []
    for item in items_of(benchmark, "hidden", SECRET):
        reference = item.reference
        row = {"prompt": item.prompt, "answer": str(reference.get("answer", reference.get("solution", "")))}
        if "solution" in reference:
            row |= {"code": reference["prompt"] + reference["solution"], "tests": reference["tests"]}
        rows.append(json.dumps(row))
    return "\n".join(rows) + "\n"


def hidden_ids(benchmark: str) -> set[str]:
    """Return the ids of the hidden items."""
    return {item.id for item in protected(benchmark, SECRET).hidden}
