"""Read a family's folder: what is drawn, the template of a package, and the program that makes its data."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from posttrain_arena.core.families.template import File, read_template
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.family import Family

DEFINITION, TEMPLATE, PROGRAM = "family.yaml", "package", "data.py"

Values = Mapping[str, str]
Made = tuple[dict[str, Any], dict[str, str]]
"""What a program adds for one package: more values for the template, and files by their path in the package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFolder:
    """A family as it was read: ``template`` are the files of a package by path, ``make`` is ``make`` of data.py."""

    folder: Path
    family: Family
    template: Mapping[str, File]
    make: Callable[[Values, Random], Made]


def read_family(folder: Path) -> FamilyFolder:
    """Read a family's folder; raises UsageError that says what is wrong with it."""
    family = documents.read_document(folder / DEFINITION, Family)
    _judge(family, folder)
    if not (folder / TEMPLATE).is_dir():
        raise UsageError(f"{folder}: has no folder {TEMPLATE}/: it holds the files of one package, with placeholders")
    return FamilyFolder(
        folder=folder, family=family, template=read_template(folder / TEMPLATE), make=_read_program(folder / PROGRAM)
    )


def _judge(family: Family, folder: Path) -> None:
    where = folder / DEFINITION
    if family.name != folder.resolve().name:
        raise UsageError(f"{where}: name: {family.name!r} is not the name of its folder: make the two equal")
    for name, parameter in family.parameters.items():
        if parameter.choose > len(parameter.values):
            what = f"choose {parameter.choose} of {len(parameter.values)} values"
            raise UsageError(f"{where}: parameters/{name}: {what}: add values or choose fewer")
    if family.differ > len(family.parameters):
        what = f"differ: {family.differ} is more than the {len(family.parameters)} parameters"
        raise UsageError(f"{where}: {what}: ask for fewer or add parameters")


def _read_program(path: Path) -> Callable[[Values, Random], Made]:
    if not path.exists():
        return lambda values, random: ({}, {})
    try:
        make = runpy.run_path(str(path)).get("make")
    except Exception as error:  # whatever a family's program raises is its author's to see
        raise UsageError(program_fault(path, error)) from error
    if not callable(make):
        raise UsageError(f"{path}: has no function make(values, random): it returns more values, and files by path")

    def made(values: Values, random: Random) -> Made:
        try:
            more, files = make(dict(values), random)
            return dict(more), dict(files)
        except Exception as error:  # as above
            chosen = ", ".join(f"{name}={value}" for name, value in values.items())
            raise UsageError(f"{program_fault(path, error)} (for {chosen})") from error

    return made


def program_fault(path: Path, error: Exception) -> str:
    """Return where in a family's program an exception came up, and what it says."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno
    return f"{path}{f':{line}' if line else ''}: {type(error).__name__}: {error}: mend it"
