"""Read a task document with SkyPilot's own loader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from posttrain_arena.errors import UsageError


def load_task(doc: Mapping[str, Any], secrets: Mapping[str, str]) -> Any:
    """Return the valid ``sky.Task`` of a document; raises UsageError where SkyPilot refuses it.

    Secrets are filled while the task is read: given later they leave a managed job pending for ever.
    """
    import sky

    try:
        task = sky.Task.from_yaml_config(dict(doc), secrets_overrides=list(secrets.items()))
        task.validate()
    except (ValueError, TypeError, OSError, sky.exceptions.InvalidSkyPilotConfigError) as error:
        raise UsageError(f"SkyPilot refuses the task {doc.get('name')}: {error}") from error
    return task
