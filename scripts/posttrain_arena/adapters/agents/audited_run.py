"""Read what a run left on disk for its audit: bounded, plain files alone, nothing is run."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from posttrain_arena.adapters.benchmarks.process import items_of
from posttrain_arena.adapters.benchmarks.registry import find
from posttrain_arena.adapters.benchmarks.sources import Sources
from posttrain_arena.adapters.safetensors_files import Tensors
from posttrain_arena.core.audit.bounds import MAX_UNPACKED
from posttrain_arena.core.audit.facts import AgentFile, Known
from posttrain_arena.core.audit.items import Item, Protected
from posttrain_arena.errors import DocumentError
from posttrain_arena.model import benchmark
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.agent_run import Connection
from posttrain_arena.model.audit_references import AuditReferences
from posttrain_arena.model.documents import from_document, read_document, read_lines

MAX_SMALL_BYTES = 4 << 20
WEIGHTS = (".safetensors",)
FORM = frozenset({"task", "metadata", "function", "prompt"})
"""Keys of a reference that tell no answer."""


class Files:
    """The files of some folders, read again each time they are gone through: together they may be large."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """``folders`` has folders and files by the name under which the audit speaks of them."""
        self._folders = folders

    def __iter__(self) -> Iterator[AgentFile]:
        for name, path in self._paths():
            status = path.stat()
            yield AgentFile(
                path=name,
                data=_head(path, MAX_UNPACKED),
                executable=bool(status.st_mode & 0o111),
                whole=status.st_size <= MAX_UNPACKED,
            )

    def _paths(self) -> Iterator[tuple[str, Path]]:
        for name, top in sorted(self._folders.items()):
            if top.is_file() and not top.is_symlink():
                yield name, top
            for folder, inside, files in os.walk(top):
                inside.sort()
                for file in sorted(files):
                    path = Path(folder) / file
                    if path.is_file() and not path.is_symlink():
                        yield f"{name}/{path.relative_to(top).as_posix()}", path


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of the bytes of a run's documents, by their names."""
    paths = [folder / f"{name}.json" for name in ("run", "evaluation")]
    return {path.stem: f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths if path.is_file()}


def connections(path: Path) -> tuple[Connection, ...] | None:
    """Return the log of connections, None where there is none; raises DocumentError for a line that is none."""
    if not path.is_file():
        return None
    return tuple(from_document(Connection, row, where=where) for where, row in read_lines(path))


def protected(name: str, secret: bytes, sources: Sources | None = None) -> Protected:
    """Return the hidden items of a benchmark; where a program makes them, as many that nobody was ever given."""
    hidden, dev = items_of(name, "hidden", secret, sources), items_of(name, "dev", sources=sources)
    control: list[benchmark.Item] = []
    if find(name).card.scorer == "procedural":
        asked = {item.prompt for item in hidden}
        other = hmac.new(secret, b"control", hashlib.sha256).digest()
        control = [item for item in items_of(name, "hidden", other) if item.prompt not in asked]
    return Protected(
        hidden=[audited(item) for item in hidden],
        public=["\n".join((item.prompt, *_texts(item.reference))) for item in dev],
        control=[audited(item) for item in control],
    )


def audited(item: benchmark.Item) -> Item:
    """Return an item as the detectors know it."""
    answers = tuple(_texts({key: value for key, value in item.reference.items() if key not in FORM}))
    return Item(id=item.id, question=item.prompt, answers=answers, key=str(item.reference.get("answer", "")))


def known_models(references: AuditReferences, beside: Path, base_model: str) -> tuple[Known, ...]:
    """Return the known models of a base; raises UsageError where the weights of one cannot be read."""
    return tuple(
        Known(
            name=model.name,
            weights=Tensors(beside / model.path) if model.path else None,
            tensors=model.tensors,
            scores=model.scores,
            honest_projection=model.honest_projection,
            evaluation=read_document(beside / model.evaluation, AgentEvaluation) if model.evaluation else None,
        )
        for model in references.models
        if model.base_model == base_model
    )


def weights(folder: Path) -> Tensors | None:
    """Return the weights in a folder, None where there is none."""
    return Tensors(folder) if folder.is_dir() and any(folder.glob("*.safetensors")) else None


def small_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a model that are no weights."""
    if not folder.is_dir():
        return {}
    paths = [path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix not in WEIGHTS]
    return {path.name: _head(path, MAX_SMALL_BYTES) for path in paths if not path.is_symlink()}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in FORM:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value)


def _head(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error}") from error
