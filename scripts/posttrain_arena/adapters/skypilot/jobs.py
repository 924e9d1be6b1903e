"""Launch managed jobs once, find them again, cancel them, read their logs."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from posttrain_arena.adapters.skypilot.prices import machine_name
from posttrain_arena.adapters.skypilot.tasks import load_task
from posttrain_arena.core.launch.progress import ManagedJob
from posttrain_arena.errors import ArenaError

T = TypeVar("T")

FIELDS = [
    "job_id",
    "job_name",
    "status",
    "failure_reason",
    "job_duration",
    "recovery_count",
    "cloud",
    "accelerators",
    "cluster_resources_full",
    "cluster_name_on_cloud",
]
_TRIES = 5
_CANCEL_WAIT_SEC = 120
"""How long a cancelled job may take to end its containers and write its report."""


class ManagedJobs:
    """The managed jobs of the API server that SkyPilot's configuration names."""

    def find(self, name: str) -> list[ManagedJob]:
        """Return all jobs of exactly this name, oldest first."""
        import sky
        from sky import jobs

        def ask() -> Any:
            return sky.get(jobs.queue_v2(refresh=False, all_users=True, name_match=name, fields=FIELDS))[0]

        return sorted((managed_job(row) for row in _again(ask) if row.job_name == name), key=lambda job: job.sky_id)

    def get(self, name: str, sky_id: int) -> ManagedJob:
        """Return one job; raises ArenaError where the server does not know it any more."""
        for job in self.find(name):
            if job.sky_id == sky_id:
                return job
        raise ArenaError(f"SkyPilot has no job {sky_id} of the name {name}: was its server set up anew?")

    def ensure(self, name: str, doc: Mapping[str, Any], secrets: Mapping[str, str]) -> ManagedJob:
        """Return the job of this name that runs or has succeeded; launch it where there is none.

        SkyPilot runs two jobs of one name side by side, so where two launch at once the later one gives way.
        """
        import sky
        from sky import jobs

        if known := self._kept(name):
            return known
        task = load_task(doc, secrets)
        with _server_faults(f"launch {name}"):  # should it have, the next look finds the job by its name
            mine = sky.get(jobs.launch(task, name=name))[0][0]
        first = self._kept(name)
        if first is not None and first.sky_id != mine:
            self.cancel([mine])
            return first
        return self.get(name, mine)

    def cancel(self, ids: Sequence[int]) -> None:
        """Cancel jobs by number: by a name that two have SkyPilot cancels neither."""
        import sky
        from sky import jobs

        if ids:
            _again(lambda: sky.get(jobs.cancel(job_ids=list(ids), graceful=True, graceful_timeout=_CANCEL_WAIT_SEC)))

    def log(self, sky_id: int) -> str:
        """Return what a job wrote."""
        from sky import jobs

        def read() -> str:
            text = io.StringIO()
            jobs.tail_logs(job_id=sky_id, follow=False, output_stream=text)
            return text.getvalue()

        return _again(read)

    def _kept(self, name: str) -> ManagedJob | None:
        return next((job for job in self.find(name) if job.outcome in ("running", "succeeded")), None)


def managed_job(row: Any) -> ManagedJob:
    """Return a row of SkyPilot's queue.

    A job without a cluster, which is one that waits, recovers or ended, has no accelerators there, so no machine.
    """
    machine = ""
    if row.cluster_name_on_cloud:
        machine = machine_name(row.cloud, row.accelerators, spot="[spot]" in (row.cluster_resources_full or "").lower())
    return ManagedJob(
        sky_id=row.job_id,
        name=row.job_name,
        status=row.status.value,
        reason=row.failure_reason or "",
        seconds=row.job_duration or 0.0,
        recoveries=row.recovery_count or 0,
        machine=machine,
    )


def _again(ask: Callable[[], T]) -> T:
    """Ask again where the server could not be reached; its errors are ours to report."""
    for wait_sec in (2**number for number in range(_TRIES)):
        try:
            return ask()
        except OSError:  # requests' exceptions are OSErrors too
            time.sleep(wait_sec)
    with _server_faults("answer"):
        return ask()


@contextmanager
def _server_faults(what: str) -> Iterator[None]:
    """Turn what the API server could not do into an error that names it."""
    try:
        yield
    except Exception as error:
        if isinstance(error, (OSError, RuntimeError, ValueError)) or type(error).__module__ == "sky.exceptions":
            raise ArenaError(f"SkyPilot's server did not {what}: {error}") from error
        raise
