"""Copy a template of the starting kit to where an author fills it in."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from posttrain_arena.core.check.names import MAX_SLUG_CHARS, is_slug, offer, slug_of
from posttrain_arena.core.check.rules.layout import placeholders
from posttrain_arena.errors import UsageError
from posttrain_arena.model.shown import shown

_SHOWN_CHARS = 100


def check_name(name: str) -> str:
    """Return ``name`` where folders may be called so; raises UsageError with the name that was meant."""
    if not is_slug(name):
        close = offer(slug_of(name) or None)
        what = f"{shown(name)!r} is not lower-case-with-hyphens of at most {MAX_SLUG_CHARS} characters{close}"
        raise UsageError(what)
    return name


def scaffold(templates: Mapping[str, Path | None], target: Path, words: Mapping[str, str]) -> None:
    """Make the folder ``target`` of templates, by the subfolder each goes into; None makes an empty one that git keeps.

    ``words`` are put in. The folder is there whole or not at all. Raises UsageError where something lies there already.
    """
    if os.path.lexists(target):
        raise UsageError(f"{shown(target, 1000)} is there already: choose another name, or remove it")
    missing = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    waiting = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        waiting.chmod(0o755)
        for place, template in templates.items():
            _fill(waiting / place, template, words)
        waiting.rename(target)
    except BaseException:
        shutil.rmtree(waiting, ignore_errors=True)
        for folder in missing:
            with contextlib.suppress(OSError):  # somebody else put something there
                folder.rmdir()
        raise


def places_left(folder: Path) -> Iterator[str]:
    """Yield ``file:line: text`` for every place of a scaffold that is to be filled in."""
    for path in sorted(folder.rglob("*")):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""  # our own template: UTF-8
        lines = text.split("\n")
        for spot in placeholders(path.name, text):
            if spot.line is not None:
                yield f"{path}:{spot.line}: {shown(' '.join(lines[spot.line - 1].split()), _SHOWN_CHARS)}"


def _fill(folder: Path, template: Path | None, words: Mapping[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    if template is None:
        (folder / ".gitkeep").touch()
        return
    for source in sorted(template.rglob("*")):
        target = folder / source.relative_to(template)
        if source.is_dir():
            target.mkdir()
        elif "__pycache__" not in source.parts:
            text = source.read_text(encoding="utf-8")
            for old, new in words.items():
                text = text.replace(old, new)
            target.write_text(text, encoding="utf-8")
            target.chmod(source.stat().st_mode & 0o777)
