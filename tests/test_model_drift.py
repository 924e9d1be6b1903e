"""Every schema and its frozen value say the same."""

from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
import typing

import pytest
from jsonschema import Draft202012Validator

import posttrain_arena.model
from posttrain_arena.model.documents import SCHEMA_DIR, load_schema


def _documents() -> dict[str, type]:
    found = {}
    for info in pkgutil.iter_modules(posttrain_arena.model.__path__):
        module = importlib.import_module(f"posttrain_arena.model.{info.name}")
        for value in vars(module).values():
            if dataclasses.is_dataclass(value) and isinstance(value, type) and "SCHEMA" in vars(value):
                found[value.SCHEMA] = value
    return found


DOCUMENTS = _documents()


def _dataclass_in(hint: object) -> type | None:
    if dataclasses.is_dataclass(hint):
        return typing.cast(type, hint)
    return next((found for arg in typing.get_args(hint) if (found := _dataclass_in(arg))), None)


def _resolve(schema: dict) -> dict:
    if "properties" in schema:
        return schema
    if "$ref" in schema:
        return load_schema(schema["$ref"].removesuffix(".schema.json"))
    for key in ("anyOf", "oneOf"):
        for option in schema.get(key, ()):
            if option.get("type") != "null":
                return _resolve(option)
    if "items" in schema:
        return _resolve(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        return _resolve(schema["additionalProperties"])
    return schema


def _key(field: str, schema: dict) -> str:
    dashed = field.replace("_", "-")  # a key that Python cannot have as a name
    return dashed if dashed in schema["properties"] else field


def _compare(cls: type, schema: dict, where: str) -> None:
    fields = {_key(field.name, schema): field for field in dataclasses.fields(cls)}
    assert set(fields) == set(schema["properties"]), where
    hints = {_key(name, schema): hint for name, hint in typing.get_type_hints(cls).items()}
    for name, field in fields.items():
        optional = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        if not optional:
            assert name in schema["required"], f"{where}.{name}: a field without default must be required"
        nested = _dataclass_in(hints[name])
        if nested is not None:
            _compare(nested, _resolve(schema["properties"][name]), f"{where}.{name}")


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_value_and_schema_have_the_same_fields(name: str) -> None:
    _compare(DOCUMENTS[name], load_schema(name), name)


@pytest.mark.parametrize("path", sorted(SCHEMA_DIR.glob("*.schema.json")), ids=lambda path: path.name)
def test_schema_is_valid_and_explains_every_property(path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith("/" + path.name)
    assert schema["title"]
    assert schema["description"]
    _explained(schema, path.name)


def _explained(schema: object, where: str) -> None:
    if isinstance(schema, dict):
        for name, value in schema.get("properties", {}).items() if isinstance(schema.get("properties"), dict) else ():
            assert "description" in value or "$ref" in value, f"{where}: {name} has no description"
        for key, value in schema.items():
            _explained(value, f"{where}/{key}")
    elif isinstance(schema, list):
        for value in schema:
            _explained(value, where)
