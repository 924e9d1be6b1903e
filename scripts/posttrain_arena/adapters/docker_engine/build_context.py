"""Write the context of a build as a tar archive."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from docker.utils.build import tar


def write_context(folder: Path, file: BinaryIO) -> None:
    """Write the folder's files but those that its .dockerignore names, and go back to the start of ``file``.

    The client's own way to do this leaves a named file behind where the process is killed.
    """
    ignored = folder / ".dockerignore"
    lines = ignored.read_text(encoding="utf-8", errors="replace").splitlines() if ignored.is_file() else []
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    tar(folder, exclude=patterns, dockerfile=("Dockerfile", None), fileobj=file)
    file.seek(0)
