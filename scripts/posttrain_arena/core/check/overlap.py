"""Find what of an entry repeats tasks of a suite: whole tasks, and prompts, solutions or answers inside of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.core.check.draft import Draft, read_draft
from posttrain_arena.core.check.duplicates import is_near, likeness
from posttrain_arena.core.check.entries.folders import packages_in
from posttrain_arena.core.check.near_copies import CONTAINED, LEAST_SHINGLES, shingles
from posttrain_arena.core.check.sketch import Sketch, sketch_of
from posttrain_arena.model.overlap import Kind, OverlapMatch

Shingles = frozenset[tuple[str, ...]]

LEAST_FILE_BYTES = 64
"""Smaller files are equal by chance."""

_ANSWERS = ("oracle/", "verifier/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A package of an entry or of a suite, or another folder of an entry, as it is compared.

    ``secrets`` are the texts that must not be found elsewhere, by file; ``texts`` is all that stands in it.
    """

    name: str
    sketch: Sketch | None
    secrets: dict[str, Shingles]
    texts: Shingles
    answers: dict[str, str]


def parts_of(entry: Path) -> list[Path]:
    """Return what an entry is made of: its packages, its skills, its agent."""
    skills, agent = entry / "skills", entry / "agent"
    others = sorted(path for path in skills.iterdir() if path.is_dir()) if skills.is_dir() else []
    return [*packages_in(entry / "envs"), *others, *([agent] if agent.is_dir() else [])]


def read_part(path: Path, *, known: Part | None = None) -> Part:
    """Read a folder; what everybody has (``known``) is no secret of it."""
    draft = read_draft(path)
    texts = _united(shingles(draft.lenient(name)) for name in draft.listing.files())
    public = known.texts if known else frozenset()
    answers = dict(_answers(draft))
    return Part(
        name=draft.name,
        sketch=sketch_of(draft),
        secrets={name: text - public for name, text in _secrets(draft)},
        texts=texts,
        answers={name: value for name, value in answers.items() if not known or value not in known.answers.values()},
    )


def known_to_all(packages: Iterable[Path]) -> Part:
    """Return what stands in packages that everybody has, as one part."""
    parts = [read_part(path) for path in packages]
    answers = {f"{part.name}/{name}": value for part in parts for name, value in part.answers.items()}
    return Part(name="", sketch=None, secrets={}, texts=_united(part.texts for part in parts), answers=answers)


def matches(part: Part, task: Part) -> Iterator[OverlapMatch]:
    """Yield in which ways a part of an entry repeats a task."""
    if part.sketch is not None and task.sketch is not None:
        prompt, solution = likeness(part.sketch, task.sketch)
        if part.sketch.whole == task.sketch.whole:
            yield OverlapMatch(part=part.name, task=task.name, kind="same-task", share=1.0)
        elif is_near(prompt, solution):
            yield OverlapMatch(part=part.name, task=task.name, kind="near-task", share=round(prompt, 4))
    for name, secret in task.secrets.items():
        share = len(secret & part.texts) / len(secret) if len(secret) >= LEAST_SHINGLES else 0.0
        if share >= CONTAINED:
            kind: Kind = "solution" if name.startswith(_ANSWERS) else "prompt"
            yield OverlapMatch(part=part.name, task=task.name, kind=kind, share=round(share, 4), file=name)
    for name, digest in task.answers.items():
        if digest in part.answers.values():
            yield OverlapMatch(part=part.name, task=task.name, kind="file", share=1.0, file=name)


def _secrets(draft: Draft) -> Iterator[tuple[str, Shingles]]:
    prompt = draft.task.markdown.section("prompt") if draft.task.markdown else None
    yield "task.md", shingles(prompt or "")
    for name in draft.listing.files():
        if name.startswith(_ANSWERS) and not name.endswith(".md"):
            yield name, shingles(draft.lenient(name))


def _answers(draft: Draft) -> Iterator[tuple[str, str]]:
    for name in draft.listing.files():
        if draft.listing.entries[name].size >= LEAST_FILE_BYTES and name in draft.contents.hashes:
            yield name, draft.contents.hashes[name]


def _united(found: Iterable[Shingles]) -> Shingles:
    return frozenset().union(*found)
