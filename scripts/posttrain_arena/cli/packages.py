"""Load one task package for a command that needs it whole."""

from __future__ import annotations

from pathlib import Path

from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.check.read import read_package
from posttrain_arena.core.check.targets import is_entry
from posttrain_arena.errors import UsageError
from posttrain_arena.model.shown import shown
from posttrain_arena.model.task import TaskPackage


def load_package(path: Path) -> TaskPackage:
    """Return the package at ``path``; raises UsageError with its findings where it cannot be used."""
    if path.is_dir() and is_entry(path) and not (path / "task.md").exists():
        what = f"{shown(path, 1000)} is an entry: give one of its packages"
        raise UsageError(
            f"{what}, such as {shown(next(iter(packages_in(path / 'envs')), path / 'envs' / 'NAME'), 1000)}"
        )
    package, findings = read_package(path, root=Path.cwd())
    if package is None:
        told = "\n".join(f"  {finding.path}:{finding.line or 1}: {finding.what}: {finding.how}" for finding in findings)
        raise UsageError(f"{path} is not a task package that can be run:\n{told}")
    return package
