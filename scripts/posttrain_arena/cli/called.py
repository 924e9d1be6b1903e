"""Say how the command is called here, so that a printed line can be copied."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def arena_command() -> str:
    """Return ``arena`` where the shell finds this installation by that name, else the path of its program.

    The path is relative where it lies below the current folder, as ``.venv/bin/arena`` does after ``make setup``.
    """
    own = Path(sys.executable).with_name("arena")
    found = shutil.which("arena")
    if found is not None and Path(found).absolute() == own:
        return "arena"
    here = Path.cwd()
    return shlex.quote(str(own.relative_to(here) if own.is_relative_to(here) else own))
