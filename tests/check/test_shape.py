"""The quick comparison with a schema gives the verdict of a full validator."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from posttrain_arena.core.check.shape import shape_problems
from posttrain_arena.core.check.yaml_lines import Located, read_yaml
from posttrain_arena.errors import ArenaError
from posttrain_arena.model.documents import load_schema

NAMES = ("task", "verifier", "submission", "competition")

LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, -0.25, 1e6]),  # whole floats such as 4096.0 are integers to JSON Schema and not to us
    st.sampled_from(
        ["", "x", "0.3", "script", "weighted_sum", "no-network", "environments", "2026-01-01", "competition/1"]
    ),
)


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that are near the schema, so that most of them get past its top."""
    fitting: st.SearchStrategy[Any] = LEAVES
    if "enum" in schema:
        fitting = st.sampled_from(schema["enum"])
    elif "const" in schema:
        fitting = st.just(schema["const"])
    elif schema.get("type") == "object" and "properties" in schema:
        fitting = table(schema)
    elif schema.get("type") == "object":
        fitting = st.dictionaries(st.sampled_from(["a", "b"]), values(schema["additionalProperties"]), max_size=2)
    elif schema.get("type") == "array":
        fitting = st.lists(values(schema.get("items", {})), max_size=2)
    return st.one_of(fitting, fitting, fitting, LEAVES)


def table(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    known = {name: values(part) for name, part in schema["properties"].items()}
    required = {name: known[name] for name in schema.get("required", ())}
    optional = {name: part for name, part in known.items() if name not in required}
    whole = st.fixed_dictionaries(required, optional=optional | {"not_a_key": LEAVES})
    return st.one_of(whole, st.fixed_dictionaries({}, optional=known))


@pytest.mark.parametrize("name", NAMES)
def test_verdict_is_that_of_a_full_validator(name: str) -> None:
    schema = load_schema(name)
    full = Draft202012Validator(schema)

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(values(schema))
    def compare(value: Any) -> None:
        assert bool(shape_problems(Located(value=value, places={}), schema, "x")) == (not full.is_valid(value)), value

    compare()


def test_keyword_that_is_not_known_is_refused() -> None:
    with pytest.raises(ArenaError, match="multipleOf"):
        shape_problems(Located(value=3, places={}), {"multipleOf": 2}, "x")


def test_problem_names_the_line_the_key_and_what_was_meant() -> None:
    read = read_yaml("agent:\n  timeout_sec: 5\nverifier:\n  timeout: 5\n")
    assert isinstance(read, Located)
    (problem,) = shape_problems(read, load_schema("task"), "task.md")
    assert (problem.rule, problem.spot.line) == ("key-unknown", 4)
    assert problem.spot.what == "unknown key verifier.timeout: did you mean 'timeout_sec'?"


HOW = [
    ("agent: {timeout_sec: 10 min}", "write timeout_sec: 600."),
    ("agent: {timeout_sec: 1.5h}", "write timeout_sec: 5400."),
    ("agent: {timeout_sec: '900'}", "write timeout_sec: 900, without quotes."),
    ("agent: {timeout_sec: long}", "write a number of seconds without a unit behind timeout_sec:."),
    ("agent: {timeout_sec: 10 MB}", "write a number of seconds without a unit behind timeout_sec:."),
    ("agent: {timeout_sec: }", "write a value behind timeout_sec:, or remove the line."),
    ("environment: {memory_mb: 2GB}", "write memory_mb: 2048."),
    ("environment: {memory_mb: 1.3 GB}", "write a whole number."),
    ("environment: {memory_mb: 512.0}", "write memory_mb: 512."),
    ("environment: {cpus: two}", "write a number without quotes or a unit behind cpus:."),
    ("environment: {allow_internet: 'yes'}", "write allow_internet: true, without quotes."),
    ("environment: {network_mode: No Network}", "write network_mode: no-network."),
    ("environment: {network_mode: 7}", "write one of these behind network_mode:."),
    ("metadata: {tags: 'logs, ssh'}", "write tags: [logs, ssh]."),
    ("metadata: {tags: 'logs: a, #b'}", "Free words"),
    ("metadata: {author_name: 7}", "write the value of author_name in quotes."),
    ("agent: 300", "write the keys on lines of their own below agent:, indented, such as"),
    ("enviroment: {}", "rename it to 'environment'"),
    ("agent: {timeout: 5}", "rename it to 'timeout_sec'"),
    ("difficulity: easy", "move it below metadata: as difficulty"),
    ("licence: MIT", "remove it, or move it below metadata: if it is a note of your own; known keys are agent, "),
]


@pytest.mark.parametrize(("text", "how"), HOW)
def test_a_misfit_says_how_to_write_it(text: str, how: str) -> None:
    read = read_yaml(text)
    assert isinstance(read, Located)
    (problem,) = shape_problems(read, load_schema("task"), "task.md")
    assert problem.spot.how.startswith(how)
