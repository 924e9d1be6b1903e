"""GitHub's own description of its API, and whether a request keeps to it."""

from __future__ import annotations

import functools
import json
import re
import urllib.parse
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from posttrain_arena.model.documents import REPOSITORY_ROOT

DESCRIPTION = REPOSITORY_ROOT / ".arena" / "github" / "api.github.com.json"
"""Where scripts/setup/github.sh puts it."""

_DEEP = ("path", "ref", "basehead")
"""Parameters that may have slashes in them."""

EXCEPTIONS = {
    ("POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels"): "PyGithub posts the bare list, which GitHub takes"
}


class Contract:
    """Judges requests by method, URL and body; ``asked`` counts what was asked for."""

    def __init__(self, description: Path = DESCRIPTION) -> None:
        self._spec: dict[str, Any] = json.loads(description.read_text(encoding="utf-8"))
        resource = Resource(contents=self._spec, specification=DRAFT4)
        self._registry: Registry[Any] = Registry().with_resource("urn:github", resource)
        paths = sorted(self._spec["paths"].items(), key=lambda item: (item[0].count("{"), -len(item[0])))
        self._routes = [(path, _pattern(path), operations) for path, operations in paths]
        self._bodies = functools.lru_cache(maxsize=None)(self._body_validator)

    def faults(self, method: str, url: str, body: Any) -> list[str]:
        """Return what is wrong with a request; nothing where GitHub's description allows it."""
        parts = urllib.parse.urlsplit(url)
        found = self._operation(method.lower(), urllib.parse.unquote(parts.path))
        if found is None:
            return [f"{method} {parts.path}: GitHub has no such operation"]
        path, operation = found
        if (method, path) in EXCEPTIONS:
            return []
        faults = [*self._of_query(operation, parts.query), *self._of_body(path, method.lower(), operation, body)]
        return [f"{method} {path}: {fault}" for fault in faults]

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        for name, pattern, operations in self._routes:
            if method in operations and pattern.fullmatch(path):
                return name, operations[method]
        return None

    def _of_query(self, operation: dict[str, Any], query: str) -> list[str]:
        known = {one["name"]: one for one in map(self._resolved, operation.get("parameters", []))}
        faults = []
        for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
            allowed = self._resolved(known[name].get("schema", {})).get("enum") if name in known else None
            if name not in known:
                faults.append(f"unknown query parameter {name!r}")
            elif allowed is not None and value not in map(str, allowed):
                faults.append(f"query parameter {name}={value} is none of {allowed}")
        return faults

    def _of_body(self, path: str, method: str, operation: dict[str, Any], body: Any) -> list[str]:
        wanted = self._resolved(operation.get("requestBody", {})).get("content", {}).get("application/json")
        if wanted is None:
            return ["takes no body"] if body else []
        if body is None:
            return ["needs a body"] if self._resolved(operation["requestBody"]).get("required") else []
        faults = [
            f"body/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in self._bodies(path, method).iter_errors(body)
        ]
        properties = self._resolved(wanted["schema"]).get("properties")
        if properties and isinstance(body, dict):
            faults += [f"unknown key {key!r} in the body" for key in body.keys() - properties.keys()]
        return faults

    def _body_validator(self, path: str, method: str) -> OAS30Validator:
        body = self._resolved(self._spec["paths"][path][method]["requestBody"])
        schema = self._resolved(body["content"]["application/json"]["schema"])
        return OAS30Validator(_absolute(schema), registry=self._registry)

    def _resolved(self, node: Any) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self._spec
            for key in node["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            node = found
        return dict(node)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", path)
    return re.compile(
        "".join(
            re.escape(part) if not part.startswith("{") else "(.+)" if part[1:-1] in _DEEP else "([^/]+)"
            for part in parts
        )
    )


def _absolute(node: Any) -> Any:
    """Return a schema whose references name the description, so that it can be validated with apart from it."""
    if isinstance(node, list):
        return [_absolute(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"urn:github{value}"
        if key == "$ref" and isinstance(value, str) and value.startswith("#")
        else _absolute(value)
        for key, value in node.items()
    }
