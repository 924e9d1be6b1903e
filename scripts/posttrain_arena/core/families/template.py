"""Fill in the template of a package: Jinja in every text file and in the names of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError, TemplateSyntaxError

from posttrain_arena.errors import UsageError

_JINJA = Environment(  # noqa: S701 (what is written is no HTML)
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    comment_start_string="{{#",  # "{#" alone stands in shell, as in ${#array[@]}
    comment_end_string="#}}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a template: where it lies, its name and its text as templates (``data`` where it is no text)."""

    source: Path
    name: Template
    text: Template | None
    data: bytes
    executable: bool


def read_template(folder: Path) -> dict[str, File]:
    """Read the files of a template by their path in it; raises UsageError with the line that is no Jinja."""
    files = {}
    for source in sorted(folder.rglob("*")):
        if source.is_symlink():
            raise UsageError(f"{source}: is a link: put a copy of the file there")
        if source.is_file() and "__pycache__" not in source.parts:
            name = source.relative_to(folder).as_posix()
            files[name] = _read_file(source, name)
    return files


def _read_file(source: Path, name: str) -> File:
    data = source.read_bytes()
    try:
        text = _JINJA.from_string(data.decode("utf-8"))
    except UnicodeDecodeError:
        text = None
    except TemplateSyntaxError as error:
        raise UsageError(f"{source}:{error.lineno}: {error.message}: mend the template") from error
    executable = bool(source.stat().st_mode & 0o100)
    return File(source=source, name=_JINJA.from_string(name), text=text, data=data, executable=executable)


def fill(file: File, words: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the name and the content of a file with the words put in; raises UsageError where one is missing."""
    try:
        content = file.data if file.text is None else file.text.render(words).encode("utf-8")
        return file.name.render(words), content
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        what = f"{error}: give it a value in family.yaml or in data.py, or mend the template"
        raise UsageError(f"{file.source}: {what}") from error
