"""Run a training in several processes, one for each device, that share the trials of one actor.

The processes are started by torchrun and know nothing of Docker: what they want of the actor, and what they tell, goes
through a socket to the process that started them.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState

from posttrain_arena.adapters.training.backends import devices_of
from posttrain_arena.adapters.training.grpo import GrpoResult, GrpoRun, OnStep, run_grpo
from posttrain_arena.adapters.training.sft import SftResult, SftRun, run_sft
from posttrain_arena.core.training.plan import RolloutRequest
from posttrain_arena.errors import ArenaError, TrainingError
from posttrain_arena.model import documents
from posttrain_arena.model.trial import Trial

PATIENCE = timedelta(days=1)
"""How long processes wait for each other: for as long as trials run, the others have nothing to do."""

END_SEC = 60
"""How long torchrun gets to end its processes."""

_ORDER, _SOCKET = "order.pickle", "socket"


def train_grpo(run: GrpoRun, *, out: Path, on_step: OnStep, log: Path) -> GrpoResult:
    """Run GRPO as ``run_grpo`` does, here or in ``trainer.processes`` processes, whose words go to ``log``.

    Raises what a process raised; a process that died without a word is a TrainingError of the infrastructure.
    """
    if run.recipe.trainer.processes == 1:
        return run_grpo(run, out=out, on_step=on_step)
    methods: dict[str, Callable[..., Any]] = {"load": run.actor.load, "act": run.actor.act, "step": on_step}

    def order(actor: RemoteActor) -> tuple[Any, ...]:
        return actor, run_grpo, replace(run, actor=actor), out

    result: GrpoResult = _in_processes(order, methods, run.recipe.trainer.processes, log)
    return result


def train_sft(run: SftRun, *, out: Path, on_step: OnStep, log: Path) -> SftResult:
    """Run SFT as ``run_sft`` does: here, or where the weights are parted in processes as GRPO's.

    Raises what ``train_grpo`` does.
    """
    if run.recipe.trainer.sharding == "none":
        return run_sft(run, out=out, on_step=on_step)

    def order(actor: RemoteActor) -> tuple[Any, ...]:
        return actor, run_sft, run, out

    result: SftResult = _in_processes(order, {"step": on_step}, run.recipe.trainer.processes, log)
    return result


def _in_processes(
    order: Callable[[RemoteActor], tuple[Any, ...]],
    methods: Mapping[str, Callable[..., Any]],
    processes: int,
    log: Path,
) -> Any:
    """Have processes do what is ordered, and return what the first of them ended with; answer what they ask for."""
    ended: list[Any] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Listener(str(folder / _SOCKET)) as listener:
            answers = {**methods, "end": ended.append}
            threading.Thread(target=_serve, args=(listener, answers), daemon=True).start()
            documents.write_bytes(folder / _ORDER, pickle.dumps(order(RemoteActor(folder / _SOCKET))))
            code = _torchrun(folder, processes, log)
    if not ended:
        told = f"a training process ended with exit code {code} and without a word: {log} has what it wrote"
        raise TrainingError(told, owner="infrastructure")
    if isinstance(ended[0], ArenaError):
        raise ended[0]
    return ended[0]


def _torchrun(folder: Path, processes: int, log: Path) -> int:
    """Run this module in so many processes; have them end where this one is interrupted."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        started = subprocess.Popen(
            [*torchrun, "-m", __spec__.name, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | devices_of(processes),
            start_new_session=True,  # a Ctrl-C at the terminal reaches them through us alone
        )
        try:
            return started.wait()
        finally:
            _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    if started.poll() is not None:
        return
    started.send_signal(signal.SIGTERM)
    try:
        started.wait(timeout=END_SEC)
    except subprocess.TimeoutExpired:
        started.kill()


def _serve(listener: Listener, methods: Mapping[str, Callable[..., Any]]) -> None:
    with suppress(OSError):  # the listener is closed when the processes have ended
        while True:
            connection = listener.accept()
            threading.Thread(target=_answer, args=(connection, methods), daemon=True).start()


def _answer(connection: Connection, methods: Mapping[str, Callable[..., Any]]) -> None:
    """Answer one thread of a process, until it ends. What the arena raises is an answer too."""
    with connection, suppress(EOFError, OSError):
        while True:
            name, arguments = connection.recv()
            answer: tuple[Any, ArenaError | None]
            try:
                answer = methods[name](*arguments), None
            except ArenaError as error:
                answer = None, error
            connection.send(answer)


@dataclass(slots=True)
class RemoteActor:
    """The actor of the process that started this one; each thread has a connection of its own."""

    socket: Path
    _mine: Any = field(default_factory=threading.local)

    def load(self, adapter: Path, version: int) -> float:
        """See ``core.training.rollouts.Actor``."""
        return float(self.ask("load", adapter, version))

    def act(self, request: RolloutRequest, version: int) -> Trial:
        """See ``core.training.rollouts.Actor``."""
        trial: Trial = self.ask("act", request, version)
        return trial

    def ask(self, name: str, *arguments: Any) -> Any:
        """Return what a method there gives, or raise what it raised."""
        if not hasattr(self._mine, "connection"):
            self._mine.connection = Client(str(self.socket))
        self._mine.connection.send((name, arguments))
        answer, error = self._mine.connection.recv()
        if error is not None:
            raise error
        return answer

    def __reduce__(self) -> tuple[type[RemoteActor], tuple[Path]]:
        return RemoteActor, (self.socket,)


def _main(folder: Path) -> None:
    """Be one of the processes: train, and have the first one tell how it ended."""
    # Without GPUs a process's device is called cpu:0, from which transformers resumes and which PyTorch does not know.
    torch.serialization.register_package(0, lambda storage: None, _on_a_cpu)
    state = PartialState(cpu=not torch.cuda.is_available(), timeout=PATIENCE)
    order = pickle.loads((folder / _ORDER).read_bytes())  # noqa: S301 (the parent wrote it, in a folder of its own)
    parent, train, run, out = order

    def tell(name: str, what: Any) -> None:
        if state.is_main_process:
            parent.ask(name, what)

    try:
        result = train(run, out=out, on_step=lambda row: tell("step", row))
    except ArenaError as error:
        tell("end", error)
        raise
    tell("end", result)
    state.destroy_process_group()


def _on_a_cpu(storage: Any, location: str) -> Any:
    return storage if location.startswith("cpu:") else None


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
