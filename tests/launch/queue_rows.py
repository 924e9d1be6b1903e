"""Play a managed job through SkyPilot's own state, without a server; print what the arena reads of it at two looks.

Wants ``SKY_RUNTIME_DIR`` and ``HOME`` to be a folder with the price lists. A JSON line for each look: while the job
runs, and once it has ended and its cluster is gone.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time

from sky import Resources, backends, clouds, global_user_state
from sky.jobs import state, utils
from sky.schemas.api.responses import ManagedJobRecord

from posttrain_arena.adapters.skypilot.jobs import FIELDS, managed_job

NAME = "pta-team-000000000001-post-train"
MACHINE = Resources(
    cloud=clouds.Nebius(),
    instance_type="gpu-h100-sxm_1gpu-16vcpu-200gb",
    accelerators={"H100": 1},
    use_spot=True,
)


async def _silent(*_: object) -> None:
    """Hear of a change of state."""


def _look() -> None:
    (row,) = utils.get_managed_job_queue(fields=FIELDS)["jobs"]
    print(json.dumps(dataclasses.asdict(managed_job(ManagedJobRecord(**row)))))  # noqa: T201 (it answers a test)


def _run(hours: int) -> None:
    now = time.time()
    number = state.set_job_info_without_job_id(
        name=NAME, workspace="default", entrypoint="", pool=None, pool_hash=None, user_hash="user"
    )
    state.set_pending(number, 0, NAME, "1x[H100:1][Spot]", "{}")
    began = now - 3600 * hours
    limits = {"max_restarts_on_errors": 0}
    asyncio.run(state.set_starting_async(number, 0, "run", began, "1x[H100:1][Spot]", limits, _silent))
    asyncio.run(state.set_started_async(number, 0, began, _silent))
    state.set_job_infra(number, cloud="Nebius", region="eu-north1")
    cluster = utils.generate_managed_job_cluster_name(NAME, number)
    handle = backends.CloudVmRayResourceHandle(
        cluster_name=cluster,
        cluster_name_on_cloud=cluster,
        cluster_yaml=None,
        launched_nodes=1,
        launched_resources=MACHINE,
    )
    global_user_state.add_or_update_cluster(cluster, handle, {MACHINE}, ready=True, is_managed=True)
    _look()
    global_user_state.remove_cluster(cluster, terminate=True)
    asyncio.run(state.set_succeeded_async(number, 0, now, _silent))
    _look()


_run(hours=10)
