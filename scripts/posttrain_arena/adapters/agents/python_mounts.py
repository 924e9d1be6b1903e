"""Lend this environment's Python and packages to a container, read-only: no image of gigabytes has to be built.

The interpreter, its standard library and its shared library are mounted one by one, so that an interpreter of the
system, of pyenv or of uv all look alike inside. What lies in the environment is public; benchmarks lie beside it.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from posttrain_arena.core.agents.told import ARENA

HOME = f"{ARENA}/python"
PACKAGES = f"{ARENA}/packages"
BIN = f"{ARENA}/bin"

_LAUNCHER = """\
#!/bin/sh
# The Python of the machine that runs the arena, with its packages. What the agent set stays.
PYTHONHOME={home} PYTHONPATH="${{PYTHONPATH:+$PYTHONPATH:}}{packages}" \\
  LD_LIBRARY_PATH="{home}/lib${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}" PYTHONDONTWRITEBYTECODE=1 \\
  HF_HUB_OFFLINE="${{HF_HUB_OFFLINE-{offline}}}" exec {home}/bin/python "$@"
"""


def python_mounts() -> dict[str, Path]:
    """Return what to mount where, by the place in the container."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    mounts = {
        f"{HOME}/bin/python": Path(sys.executable).resolve(),
        f"{HOME}/lib/{version}": Path(sysconfig.get_path("stdlib")),
        PACKAGES: Path(sysconfig.get_path("purelib")),
    }
    library = Path(str(sysconfig.get_config_var("LIBDIR")), str(sysconfig.get_config_var("INSTSONAME")))
    if library.is_file() and library.suffix != ".a":
        mounts[f"{HOME}/lib/{library.name}"] = library.resolve()
    return mounts


def write_launchers(folder: Path, tools: Mapping[str, Path], *, offline: bool) -> None:
    """Write what lies in /arena/bin: ``python`` and the arena's own tools.

    Where a container is ``offline`` the libraries of the Hugging Face Hub are told so, and ask nobody in vain.
    """
    folder.mkdir(parents=True, exist_ok=True)
    launcher = _LAUNCHER.format(home=HOME, packages=PACKAGES, offline=int(offline))
    for name, text in {"python": launcher, **{name: path.read_text("utf-8") for name, path in tools.items()}}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).parent.chmod(0o755)
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
