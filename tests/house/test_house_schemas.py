"""The schemas are complete enough to be a public contract: ids, texts, examples and defaults that hold."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from test_model_drift import DOCUMENTS

from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.shape import shape_problems
from posttrain_arena.core.check.yaml_lines import Located
from posttrain_arena.core.trial.reward import read_reward
from posttrain_arena.model.documents import (
    HOME,
    REPOSITORY_ROOT,
    SCHEMA_DIR,
    from_document,
    load_schema,
    schema_errors,
)
from posttrain_arena.model.task import Limits

NAMES = sorted(path.name.removesuffix(".schema.json") for path in SCHEMA_DIR.glob("*.schema.json"))
BY_CONTRIBUTORS = ("task", "verifier", "submission", "skill", "agent")


def _properties(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield every property of a schema, also nested, by its path."""
    if not isinstance(schema, dict):
        return
    for name, part in schema.get("properties", {}).items():
        yield (*path, name), part
        yield from _properties(part, (*path, name))
    for key in ("items", "additionalProperties"):
        yield from _properties(schema.get(key), (*path, "*"))
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _properties(option, path)


@pytest.mark.parametrize("name", NAMES)
def test_schema_has_its_texts(name: str) -> None:
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"{HOME}/schemas/{name}.schema.json"
    assert schema["title"]
    assert schema["description"].endswith(".")
    for path, part in _properties(schema):
        assert part.get("description", "").endswith("."), ".".join(path)


@pytest.mark.parametrize("name", NAMES)
def test_example_is_a_whole_document(name: str) -> None:
    examples = load_schema(name)["examples"]
    assert examples
    for example in examples:
        assert [error.message for error in schema_errors(example, name)] == []
        from_document(DOCUMENTS[name], example, where=f"example of {name}")


@pytest.mark.parametrize("name", NAMES)
def test_defaults_and_examples_of_properties_fit_them(name: str) -> None:
    for path, part in _properties(load_schema(name)):
        if "$ref" not in json.dumps(part):
            for value in (*part.get("examples", ()), *([part["default"]] if "default" in part else ())):
                assert Draft202012Validator(part).is_valid(value), (path, value)


def _field_of(cls: type, path: tuple[str, ...]) -> dataclasses.Field[Any] | None:
    fields = {field.name: field for field in dataclasses.fields(cls)}
    return fields.get(path[0]) if len(path) == 1 else None


@pytest.mark.parametrize("name", NAMES)
def test_default_of_a_top_key_is_that_of_the_value(name: str) -> None:
    for path, part in _properties(load_schema(name)):
        field = _field_of(DOCUMENTS[name], path)
        if field is not None and "default" in part:
            made = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
            assert (list(made) if isinstance(made, tuple) else made) == part["default"], path


def test_defaults_of_a_task_are_those_that_trials_use() -> None:
    limits = dataclasses.asdict(Limits())
    schema = load_schema("task")["properties"]
    for table in ("environment", "sandbox"):
        stated = {key: part["default"] for key, part in schema[table]["properties"].items() if "default" in part}
        used = {**limits, "network_mode": limits["network"], "allowed_hosts": []}
        assert stated == {key: used[key] for key in stated}
        assert set(stated) >= {"build_timeout_sec", "cpus", "memory_mb", "storage_mb", "network_mode"}
    for table in ("agent", "verifier"):
        assert schema[table]["properties"]["timeout_sec"]["default"] == limits[f"{table}_timeout_sec"]


def test_editor_completes_the_domains() -> None:
    competition = read_competition(REPOSITORY_ROOT / "competition.yaml")
    offered = load_schema("task")["properties"]["metadata"]["properties"]["category"]["examples"]
    assert offered == [domain.slug for domain in competition.domains]


@pytest.mark.parametrize("name", [name for name in BY_CONTRIBUTORS if name in NAMES])
def test_checker_agrees_on_the_examples(name: str) -> None:
    for example in load_schema(name)["examples"]:
        assert shape_problems(Located(value=example, places={}), load_schema(name), "x") == ()


@pytest.mark.parametrize("name", [name for name in BY_CONTRIBUTORS if name in NAMES])
def test_keys_of_a_contributor_complete_and_are_refused_when_misspelt(name: str) -> None:
    schema = load_schema(name)
    assert schema["type"] == "object"
    assert schema["properties"]
    example = {**schema["examples"][0], "versoin": 1}
    assert schema.get("additionalProperties", True) or not Draft202012Validator(schema).is_valid(example)


@pytest.mark.parametrize(
    ("document", "fits"),
    [
        ({"reward": 1}, True),
        ({"reward": 0.0, "dimensions": {"format": 1.0}}, True),
        ({"reward": 0.25, "reward_range": [0, 1]}, True),
        ({"reward": 1.01}, False),
        ({"reward": -1}, False),
        ({"reward": True}, False),
        ({"reward": "1.0"}, False),
        ({"reward": None}, False),
        ({"score": 1}, False),
        ([1.0], False),
        (1.0, False),
    ],
    ids=str,
)
def test_reward_schema_and_runner_agree(document: Any, fits: bool) -> None:
    assert (schema_errors(document, "reward") == []) is fits
    assert isinstance(read_reward({"reward.json": json.dumps(document).encode()}), float) is fits


def test_template_starts_with_a_ctrf_report_that_fits() -> None:
    script = (REPOSITORY_ROOT / "starting-kit" / "template" / "verifier" / "test.sh").read_text(encoding="utf-8")
    (line,) = [line for line in script.splitlines() if line.startswith('{"results"')]
    assert [error.message for error in schema_errors(json.loads(line), "ctrf")] == []


def test_every_schema_has_a_value() -> None:
    assert set(NAMES) == set(DOCUMENTS)


def test_folder_holds_schemas_and_their_page() -> None:
    others = {path.name for path in SCHEMA_DIR.iterdir()} - {f"{name}.schema.json" for name in NAMES}
    assert others <= {"README.md"}
