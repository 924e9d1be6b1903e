"""A plugin of SkyPilot's API server for a machine without a network, or with little memory."""

from __future__ import annotations

import os
from typing import Any

from sky.server import plugins

POLL_SEC = 3.0
"""How often a managed job is looked at; the usual quarter of a minute is most of a short test."""


class OfflineServer(plugins.BasePlugin):
    """Lets managed jobs go on where public addresses do not answer, with one controller instead of a dozen."""

    def install(self, extension_context: Any) -> None:
        """Change the server before it starts anything."""
        from sky.backends import backend_utils
        from sky.jobs import utils
        from sky.utils import controller_utils

        # Before every look at a job its controller asks two public addresses whether there is a network, and waits.
        backend_utils._TEST_IP_LIST[:] = [os.environ["ARENA_TEST_PROBE"]]
        utils.JOB_STATUS_CHECK_GAP_SECONDS = POLL_SEC
        controller_utils.MAX_CONTROLLERS = 1
