"""Judge function calls as data: the calls that were made against those that are right."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from posttrain_arena.model.benchmark import Item

MAX_CALLS = 50
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
_TAGGED = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)


def right_calls(answer: str, item: Item) -> float:
    """Return 1.0 where the answer makes exactly the right calls, in any order, and 0.0 elsewhere.

    ``reference`` has ``calls``, a list of {function: {parameter: [values that are right]}}, where "" among the values
    says that the parameter may be left out.
    """
    made = calls_of(answer)
    wanted: Sequence[Mapping[str, Mapping[str, Sequence[Any]]]] = item.reference["calls"]
    if made is None or len(made) != len(wanted):
        return 0.0
    left = list(made)
    for one in wanted:
        found = next((call for call in left if _is_right(call, one)), None)
        if found is None:
            return 0.0
        left.remove(found)
    return 1.0


def right_calls_of(item: Item) -> str:
    """Return right calls as an answer: of the values that are right the first, and nothing that may be left out."""
    made = [
        {"name": name, "arguments": _first_of(parameters)}
        for call in item.reference["calls"]
        for name, parameters in call.items()
    ]
    return json.dumps(made, ensure_ascii=False)


def _first_of(parameters: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value if isinstance(value, list) else [value] for name, value in parameters.items()}
    return {name: _plain_value(options[0]) for name, options in values.items() if "" not in options}


def _plain_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _first_of(value)
    return [_plain_value(one) for one in value] if isinstance(value, list) else value


def calls_of(answer: str) -> list[dict[str, Any]] | None:
    """Return the calls of an answer, each with ``name`` and ``arguments``; None where it is not made of calls."""
    tagged = _TAGGED.findall(answer)
    if tagged:
        return _checked([_parsed(text) for text in tagged])
    fenced = _FENCE.findall(answer)
    found = _parsed(fenced[-1] if fenced else answer)
    return _checked(found if isinstance(found, list) else [found])


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _checked(calls: list[Any]) -> list[dict[str, Any]] | None:
    if len(calls) > MAX_CALLS:
        return None
    for call in calls:
        if not isinstance(call, dict) or set(call) != {"name", "arguments"}:
            return None
        if not isinstance(call["name"], str) or not isinstance(call["arguments"], dict):
            return None
    return calls


def _is_right(call: Mapping[str, Any], wanted: Mapping[str, Mapping[str, Sequence[Any]]]) -> bool:
    ((name, parameters),) = wanted.items()
    if call["name"] != name or set(call["arguments"]) - set(parameters):
        return False
    for parameter, values in parameters.items():
        if parameter not in call["arguments"]:
            if "" not in values:
                return False
        elif not any(_same(call["arguments"][parameter], value) for value in values):
            return False
    return True


def _same(said: Any, right: Any) -> bool:
    """Compare values: texts without case, spaces and marks; whole and other numbers by value; a truth is no number."""
    if isinstance(said, bool) or isinstance(right, bool):
        return said is right
    if isinstance(said, str) and isinstance(right, str):
        return _plain(said) == _plain(right)
    if isinstance(said, list) and isinstance(right, list):
        return len(said) == len(right) and all(_same(a, b) for a, b in zip(said, right, strict=True))
    if isinstance(said, dict) and isinstance(right, dict):
        return not set(said) - set(right) and all(_among(said.get(key), right[key], key in said) for key in right)
    return isinstance(said, (int, float)) and isinstance(right, (int, float)) and said == right


def _among(said: Any, values: Any, is_there: bool) -> bool:
    """A nested parameter is right like one at the top: it is among its values, or may be left out."""
    options = values if isinstance(values, list) else [values]
    return any(_same(said, option) for option in options) if is_there else "" in options


def _plain(text: str) -> str:
    return re.sub(r"[ ,./\-_*^'\"]", "", text).casefold()
