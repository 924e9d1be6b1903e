"""Ask SkyPilot's optimizer what a task costs an hour, without a server, credentials or a network.

It runs in a process of its own, on price lists of its own: an estimate is the same wherever it is made, and nothing of
it stays in the process that launches.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posttrain_arena.adapters.skypilot.tasks import load_task
from posttrain_arena.errors import ArenaError, UsageError
from posttrain_arena.model import documents

CATALOGS = documents.REPOSITORY_ROOT / "sky" / "catalogs"
_FOLDER = ".sky/catalogs/v8"
"""Where SkyPilot 0.14 reads price lists below its runtime folder."""

TIMEOUT_SEC = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """US dollars an hour for all machines of a task: each kind that would do, and the one that the optimizer takes."""

    prices: dict[str, float]
    best: str

    @property
    def highest(self) -> float:
        """What an hour costs at most, on whatever machine the job ends up."""
        return max(self.prices.values())


def clouds_with_prices(catalogs: Path = CATALOGS) -> list[str]:
    """Return the clouds that the price lists know."""
    return sorted(path.parent.name for path in catalogs.glob("*/vms.csv"))


def quotes(docs: Sequence[Mapping[str, Any]], clouds: Sequence[str], *, catalogs: Path = CATALOGS) -> list[Quote]:
    """Load, validate and optimize tasks on ``clouds``; raises UsageError where none of them has such a machine."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(catalogs, Path(folder) / _FOLDER)
        result = subprocess.run(
            [sys.executable, "-m", __spec__.name],
            input=json.dumps({"tasks": list(docs), "clouds": list(clouds)}),
            env={**os.environ, "SKY_RUNTIME_DIR": folder, "SKYPILOT_DISABLE_USAGE_COLLECTION": "1"},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SEC,
            check=False,
        )
    if result.returncode == UsageError.exit_code:
        raise UsageError(result.stderr.strip().splitlines()[-1])
    if result.returncode:
        raise ArenaError(f"SkyPilot's optimizer failed: {result.stderr[-2000:]}")
    answers = json.loads(result.stdout.splitlines()[-1])
    return [Quote(prices=answer["prices"], best=answer["best"]) for answer in answers]


def machine_name(cloud: str, accelerators: Mapping[str, float] | None, *, spot: bool) -> str:
    """Return the key of a machine in a quote, such as ``nebius H100:1 spot``."""
    devices = " ".join(f"{name}:{count:g}" for name, count in sorted((accelerators or {}).items())) or "cpu"
    return f"{cloud.lower()} {devices}{' spot' if spot else ''}"


def _main() -> int:
    """Answer one question on standard input; the answer is the last line of the output."""
    from sky import check
    from sky.utils import registry

    asked = json.load(sys.stdin)
    clouds = [registry.CLOUD_REGISTRY.from_str(name) for name in asked["clouds"]]
    check.get_cached_enabled_clouds_or_refresh = lambda *_, **__: clouds  # those asked for, not those with credentials
    print(json.dumps([_answer(doc, clouds) for doc in asked["tasks"]]))  # noqa: T201 (it answers a parent process)
    return 0


def _answer(doc: Mapping[str, Any], clouds: Sequence[Any]) -> dict[str, Any]:
    import sky
    from sky import optimizer

    task = load_task(doc, dict.fromkeys(doc.get("secrets", {}), "not-needed-for-a-price"))
    prices = _prices(task, clouds)
    if not prices:
        raise UsageError(f"none of {', '.join(map(str, clouds))} has a machine for {task.name}")
    dag = sky.Dag()
    dag.add(task)
    optimizer.Optimizer.optimize(dag, minimize=sky.OptimizeTarget.COST, quiet=True)
    return {"prices": dict(sorted(prices.items())), "best": _name(task.best_resources)}


def _prices(task: Any, clouds: Sequence[Any]) -> dict[str, float]:
    prices: dict[str, float] = {}
    for wanted in task.resources:
        for cloud in clouds:
            if wanted.cloud is not None and not wanted.cloud.is_same_cloud(cloud):
                continue
            for machine in cloud.get_feasible_launchable_resources(wanted.copy(cloud=cloud), 1).resources_list:
                price = round(task.num_nodes * machine.get_cost(3600), 4)
                prices[_name(machine)] = min(price, prices.get(_name(machine), price))
    return prices


def _name(machine: Any) -> str:
    return machine_name(str(machine.cloud), machine.accelerators, spot=machine.use_spot)


if __name__ == "__main__":
    try:
        sys.exit(_main())
    except UsageError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
