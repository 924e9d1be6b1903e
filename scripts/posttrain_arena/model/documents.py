"""Read, check and write the documents whose shape ``schemas/`` fixes."""

from __future__ import annotations

import functools
import hashlib
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec
import yaml

from posttrain_arena.errors import DocumentError
from posttrain_arena.model.plain import plain_fault

REPOSITORY_ROOT = Path(__file__).resolve().parents[3]
SCHEMA_DIR = REPOSITORY_ROOT / "schemas"
HOME = "https://posttrain-arena.org"
"""Where the arena is published; the schemas' ids lie below it."""


class Document(Protocol):
    """A frozen dataclass that mirrors ``schemas/<SCHEMA>.schema.json``."""

    SCHEMA: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


D = TypeVar("D", bound=Document)


@functools.cache
def load_schema(name: str) -> dict[str, Any]:
    """Return ``schemas/<name>.schema.json``."""
    schema: dict[str, Any] = json.loads((SCHEMA_DIR / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


@functools.cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    def retrieve(uri: str) -> Any:
        return DRAFT202012.create_resource(load_schema(_schema_name(uri)))

    registry: Any = Registry(retrieve=retrieve)  # type: ignore[call-arg]
    return Draft202012Validator(load_schema(name), registry=registry)


@functools.cache
def _compiled(name: str) -> Any:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(load_schema(name), retriever=lambda uri: load_schema(_schema_name(uri)))


def _schema_name(uri: str) -> str:
    return uri.rsplit("/", 1)[-1].removesuffix(".schema.json")


def schema_errors(doc: object, name: str) -> list[Any]:
    """Return the ``jsonschema`` errors of ``doc`` against schema ``name``, in document order.

    A run with hundreds of trials takes ``jsonschema`` 90 ms, and its compiled counterpart one: that says yes, and only
    after a no the errors are looked for.
    """
    if _compiled(name).is_valid(doc):
        return []
    return sorted(_validator(name).iter_errors(doc), key=lambda error: [str(part) for part in error.absolute_path])


def from_document(cls: type[D], doc: object, *, where: str) -> D:
    """Turn an untyped document into a checked value.

    ``where`` names the source in the message. Raises DocumentError for the first thing that does not fit.
    """
    for error in schema_errors(doc, cls.SCHEMA):
        at = "/".join(str(part) for part in error.absolute_path) or "(top)"
        raise DocumentError(f"{where}: {at}: {error.message} (see schemas/{cls.SCHEMA}.schema.json)")
    try:
        return msgspec.convert(doc, cls)
    except msgspec.ValidationError as error:  # the drift test keeps schema and value together
        raise DocumentError(f"{where}: {error} (see schemas/{cls.SCHEMA}.schema.json)") from error


def to_document(value: Document) -> dict[str, Any]:
    """Return ``value`` as plain dicts, lists, strings, numbers and None."""
    doc: dict[str, Any] = _lists(msgspec.to_builtins(value))
    return doc


def _lists(value: Any) -> Any:
    """Return ``value`` with lists for tuples, as JSON has them."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_lists(item) for item in value]
    return value


def encode(doc: object) -> bytes:
    """Return the one way this project writes JSON: sorted keys, two spaces, UTF-8, no NaN, trailing newline."""
    text = json.dumps(doc, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return msgspec.json.format(text.encode("utf-8"), indent=2) + b"\n"  # json.dumps indents five times as slowly


def digest(doc: object) -> str:
    """Return ``sha256:<hex>`` of the canonical JSON of ``doc`` (sorted keys, no spaces, no NaN)."""
    text = json.dumps(doc, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()


def said_digest(value: Document) -> str:
    """Return the digest of all that a document says but its own ``digest``: one changed byte anywhere is another."""
    said = to_document(msgspec.convert(to_document(value), type(value)))  # as it is read: 1 for a float is 1.0
    del said["digest"]
    return digest(said)


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` under a temporary name and rename it, so that a file that is there is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp's 0600 would hide results from the web server and other users
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_document(path: Path, value: Document) -> None:
    """Write ``value`` as checked JSON; raises DocumentError and writes nothing where it cannot be written."""
    write_bytes(path, written(value, where=str(path)))


def written(value: Document, *, where: str) -> bytes:
    """Return what is written of ``value``; raises DocumentError where it breaks its schema or is no text."""
    read = from_document(type(value), to_document(value), where=where)
    try:
        return encode(to_document(read))  # as it will be read: the 1 of a float is written 1.0
    except UnicodeEncodeError as error:
        raise DocumentError(f"{where}: {error.object[error.start : error.end]!r} is no text: leave it out") from error


def read_document(path: Path, cls: type[D]) -> D:
    """Read a JSON or YAML document; raises DocumentError where it is missing, malformed or off its schema."""
    return from_document(cls, parse_text(_text_of(path), where=str(path)), where=str(path))


def read_written(path: Path, cls: type[D]) -> D:
    """Read JSON that the arena wrote and that anybody may have changed since.

    Raises DocumentError where ``read_plain`` does, and where a byte is not as the arena writes it.
    """
    value = read_plain(path, cls)
    if path.read_bytes() != encode(parse_text(_text_of(path), where=str(path))):
        raise DocumentError(f"{path}: is not written as the arena writes JSON: somebody changed it")
    return value


def read_plain(path: Path, cls: type[D]) -> D:
    """Read a document that is shown to people; raises DocumentError also for what ``plain_fault`` names."""
    doc = parse_text(_text_of(path), where=str(path))
    if fault := plain_fault(doc):
        raise DocumentError(f"{path}: {fault}")
    return from_document(cls, doc, where=str(path))


def read_lines(path: Path) -> list[tuple[str, Any]]:
    """Return where it stands and what it says of each line of JSON; raises DocumentError with one that is none.

    Only a newline ends a line: a string may hold what ends one for ``str.splitlines``, as U+2028.
    """
    lines = enumerate(_text_of(path).split("\n"), start=1)
    named = [(f"{path}:{number}", line) for number, line in lines if line]
    return [(where, parse_text(line, where=where)) for where, line in named]


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path}: cannot be read: {error}") from error


def parse_text(text: str, *, where: str) -> Any:
    """Parse JSON or YAML by the ending of ``where``; raises DocumentError (also for NaN and duplicate keys)."""
    try:
        if where.endswith((".yaml", ".yml")):
            return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 (a safe loader, made stricter)
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicates)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise DocumentError(f"{where}: {error}") from error


class _StrictLoader(yaml.SafeLoader):
    """YAML as JSON would have it: no key twice, no number that is not finite."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    pairs = [
        (loader.construct_object(key, deep=True), loader.construct_object(value, deep=True))
        for key, value in node.value
    ]
    return _refuse_duplicates(pairs)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    number: float = loader.construct_yaml_float(node)
    if not math.isfinite(number):
        _refuse_constant(node.value)
    return number


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
_StrictLoader.add_constructor("tag:yaml.org,2002:float", _number)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not allowed: write a finite number or null")


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    doc = dict(pairs)
    if len(doc) < len(pairs):
        key = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        raise ValueError(f"the key {key!r} appears twice: keep one")
    return doc
