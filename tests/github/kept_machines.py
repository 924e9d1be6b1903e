"""Rented machines that outlive a process: workflows launch on them, and a test says where they stand."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from launches import RentedMachines

from posttrain_arena.core.launch.progress import ManagedJob


class KeptMachines(RentedMachines):
    """Machines in a file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        if file.exists():
            self.__dict__ |= pickle.loads(file.read_bytes())

    def ensure(self, name: str, doc: Mapping[str, Any], secrets: Mapping[str, str]) -> ManagedJob:
        job = super().ensure(name, doc, secrets)
        self._keep()
        return job

    def cancel(self, ids: Sequence[int]) -> None:
        super().cancel(ids)
        self._keep()

    def stands(self, name: str, status: str, **more: Any) -> None:
        super().stands(name, status, **more)
        self._keep()

    def _keep(self) -> None:
        self.file.write_bytes(pickle.dumps({name: value for name, value in vars(self).items() if name != "file"}))
