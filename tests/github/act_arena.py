"""The arena's command on a played runner: machines are rented from a file, and only where SkyPilot's secrets are."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from posttrain_arena.cli.main import main


def _rent() -> None:
    from kept_machines import KeptMachines
    from launches import COMPUTE, desk

    from posttrain_arena.cli import launch
    from posttrain_arena.core.launch.progress import ManagedJob

    class GuardedMachines(KeptMachines):
        """Machines that ask who wants them."""

        def ensure(self, name: str, doc: Mapping[str, Any], secrets: Mapping[str, str]) -> ManagedJob:
            if not os.environ.get("SKYPILOT_SERVICE_ACCOUNT_TOKEN"):
                raise AssertionError("machines are rented without a token of SkyPilot's")
            return super().ensure(name, doc, secrets)

    machines = GuardedMachines(Path(os.environ["ACT_MACHINES"]))
    launch.open_desk = lambda ledger: desk(ledger, machines, COMPUTE)  # before the bot takes it over


def _trust() -> list[str]:
    """Return the option by which the played Sigstore is trusted, for the commands that verify what it signed."""
    if tuple(sys.argv[1:3]) not in (("bot", "attested"), ("leaderboard", "verify")):
        return []
    from played_sigstore import PlayedSigstore

    return ["--trusted-root", str(PlayedSigstore().trusted_root(Path(os.environ["ACT_RUN"]) / "trusted-root.json"))]


if __name__ == "__main__":
    sys.argv += _trust()
    played = os.environ["ACT_MACHINES"]  # empty where real ones are rented
    if played and sys.argv[1:2] == ["bot"] and sys.argv[2] in ("launch", "cancel", "collect"):
        _rent()
    sys.exit(main())
