"""Fakes that implement the project's protocols in memory."""

from __future__ import annotations

import random
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posttrain_arena.core.trial.sandbox import CommandResult, VerifierRun
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Failure, NetworkRequest, Timings, Trial, Turn, Usage

if TYPE_CHECKING:
    from posttrain_arena.core.training.plan import RolloutRequest


class InMemoryEngine:
    """An engine for the kit's copy families: knows ``cat FILE`` and ``echo WORDS > FILE``, runs nothing for real."""

    def build(self, task: TaskPackage) -> str:
        return "sha256:" + "0" * 64

    def release(self) -> None:
        return None

    def require_room(self, tasks: Iterable[TaskPackage]) -> None:
        return None

    @contextmanager
    def room(self, task: TaskPackage) -> Iterator[None]:
        yield

    @contextmanager
    def open(
        self, task: TaskPackage, image: str, *, isolation: str, skills: Path | None = None
    ) -> Iterator[InMemorySandbox]:
        yield InMemorySandbox(task)

    @contextmanager
    def verifier(self, task: TaskPackage, image: str, *, isolation: str) -> Iterator[InMemoryVerifier]:
        yield InMemoryVerifier(task)


class InMemoryVerifier:
    """Compares the captured ``out`` with the task's expected one."""

    def __init__(self, task: TaskPackage) -> None:
        self._task = task

    def score(self, workspace: bytes) -> VerifierRun:
        expected = (self._task.path / "verifier" / "expected.txt").read_bytes()
        reward = b"1.0" if workspace == expected else b"0.0"
        return VerifierRun(files={"reward.txt": reward}, exit_code=0)


class InMemorySandbox:
    """A workspace of text files; its captured form is the content of ``out``."""

    def __init__(self, task: TaskPackage) -> None:
        seeds = (task.path / "environment").iterdir()
        self._files = {path.name: path.read_text(encoding="utf-8") for path in seeds if path.name != "Dockerfile"}

    def run(self, command: str, *, timeout_sec: float) -> CommandResult:
        try:
            words = shlex.split(command)
        except ValueError as error:
            return CommandResult(output=f"bash: {error}\n", exit_code=2)
        if len(words) == 2 and words[0] == "cat":
            found = self._files.get(words[1])
            missing = f"cat: {words[1]}: No such file or directory\n"
            return CommandResult(output=missing if found is None else found, exit_code=int(found is None))
        if len(words) > 2 and words[0] == "echo" and words[-2] == ">":
            self._files[words[-1]] = " ".join(words[1:-2]) + "\n"
            return CommandResult(output="", exit_code=0)
        return CommandResult(output="bash: command not found\n", exit_code=127)

    def put_tree(self, source: Path, destination: str) -> None:
        return None

    def usage(self) -> Usage:
        return Usage()

    def requests(self) -> tuple[NetworkRequest, ...]:
        return ()

    def capture(self) -> bytes:
        return self._files.get("out", "").encode()


class ScriptedRollout:
    """Rollouts without a model: a trial's tokens and reward follow its seed alone, as in a rerun of the real thing.

    ``calls`` has the requests of every step. ``before_step`` hears a number that counts the policies from 0 before
    trials run with them. ``reward`` overrides the drawn reward of a trial; None is a trial that its sandbox failed.
    """

    def __init__(
        self,
        *,
        before_step: Callable[[int], None] = lambda step: None,
        reward: Callable[[int], float | None] = lambda seed: float(seed % 2),
    ) -> None:
        self.versions: dict[RolloutRequest, int] = {}
        self._loads = 0
        self._before_step = before_step
        self._reward = reward

    @property
    def calls(self) -> list[list[RolloutRequest]]:
        steps = sorted({request.step for request in self.versions})
        asked = sorted(self.versions, key=lambda request: (request.task, request.generation))
        return [[request for request in asked if request.step == step] for step in steps]

    def load(self, adapter: Path, version: int) -> float:
        assert (adapter / "adapter_model.safetensors").is_file()
        self._before_step(self._loads)
        self._loads += 1
        return 0.0

    def act(self, request: RolloutRequest, version: int) -> Trial:
        self.versions[request] = version
        rng = random.Random(request.seed)
        sampled = tuple(rng.randrange(256) for _ in range(rng.randint(2, 6)))
        prompt = (1, 2, 3)[: rng.randint(1, 3)]
        reward = self._reward(request.seed)
        lost = Failure(stage="start", owner="infrastructure", reason="engine", detail="the engine was gone")
        turns = (
            Turn(role="user", content="", token_ids=prompt),
            Turn(role="assistant", content="", token_ids=sampled, logprobs=(-1.0,) * len(sampled)),
            Turn(role="tool", content="", token_ids=(4, 5)),
            Turn(role="assistant", content="", token_ids=sampled, logprobs=(-1.0,) * len(sampled)),
        )
        return a_trial(
            task=request.task,
            attempt=request.generation,
            seed=request.seed,
            reward=reward,
            failure=lost if reward is None else None,
            trajectory=() if reward is None else turns,
        )


def a_trial(*, reward: float | None, **fields: Any) -> Trial:
    """Return the record of a trial of a policy."""
    known: dict[str, Any] = {
        "task": "t",
        "task_digest": "sha256:" + "0" * 64,
        "agent": "chat",
        "attempt": 0,
        "seed": 0,
        "isolation": "warm",
        "image": None,
        "failure": None,
        "timings": Timings(),
        "passed": reward == 1.0,
        "exit_reason": "failed" if reward is None else "submitted",
    }
    return Trial(reward=reward, **known | fields)
