"""Where things lie in the containers of a trial, and the variables that say so: the contract that authors write to."""

from __future__ import annotations

import re

WORKSPACE = "/root"
"""The agent's folder, ``$BENCHFLOW_WORKSPACE``: the only thing that crosses from agent to verifier."""

SKILLS_DIR = f"{WORKSPACE}/.agents/skills"
"""The user-level folder of Agent Skills in a trial that has an entry's: read-only, and no part of the workspace."""

VERIFIER_DIR = "/verifier"
LOGS_DIR = "/logs/verifier"

REWARD_TEXT, REWARD_JSON, REWARD_DETAILS = "reward.txt", "reward.json", "ctrf.json"
REWARD_FILES = (REWARD_TEXT, REWARD_JSON, REWARD_DETAILS)
REWARD_VARIABLES = {
    REWARD_TEXT: "BENCHFLOW_REWARD_TEXT",
    REWARD_JSON: "BENCHFLOW_REWARD_JSON",
    REWARD_DETAILS: "BENCHFLOW_REWARD_DETAILS_JSON",
}

VERIFIER_ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 (inside the container; not the workspace: nothing there may configure the verifier)
    "LANG": "C.UTF-8",
    "PYTHONNOUSERSITE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "BENCHFLOW_WORKSPACE": WORKSPACE,
    "BENCHFLOW_VERIFIER_DIR": VERIFIER_DIR,
    "BENCHFLOW_SKIP_VERIFIER_DEPS": "1",
    **{variable: f"{LOGS_DIR}/{name}" for name, variable in REWARD_VARIABLES.items()},
}

_TELLING = re.compile(r"(\.sh|\.py|\.md)$|expected|answer|solution|golden", re.IGNORECASE)


def tells_how_to_pass(path: str) -> bool:
    """Say whether a file of a package is one that an agent must not see: the oracle, the verifier's code or answers.

    Data of the verifier may lie in the image as well: its tests compare with what the agent was given.
    """
    return path.startswith("oracle/") or (path.startswith("verifier/") and _TELLING.search(path) is not None)
