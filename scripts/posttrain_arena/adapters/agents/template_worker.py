"""Render the chat template of a stranger: JSON in, JSON out, in a process with limits of its own.

Stands in for what transformers does with a chat template, but without what is different each time.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterable
from typing import Any

from jinja2 import TemplateError, meta, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

CPU_SEC = 10
MEMORY_BYTES = 1 << 30
MAX_OUTPUT = 32 << 20
DAY = "22 Nov 2026"
"""What every template is told of the date: it is not asked by it."""


class Generation(Extension):
    """``{% generation %}``, which marks what the model said and changes nothing."""

    tags = {"generation"}  # noqa: RUF012 (declared so by jinja2)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return what stands between the marks."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def rendered(template: str, prompts: Iterable[str], variables: dict[str, Any]) -> dict[str, Any]:
    """Return the texts, the pieces of text in the template, and the names that it asks for."""
    environment = _environment()
    tree = environment.parse(template)
    made, texts, left = environment.from_string(template), [], MAX_OUTPUT
    for prompt in prompts:
        messages = [{"role": "user", "content": prompt}]
        text = made.render(
            messages=messages,
            tools=None,
            documents=None,
            add_generation_prompt=True,
            enable_thinking=False,
            **variables,
        )
        left -= len(text)
        if left < 0:
            raise MemoryError
        texts.append(text)
    return {"texts": texts, "pieces": sorted(_pieces(tree)), "names": sorted(_names(tree))}


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, Generation]
    )
    environment.filters |= {"tojson": _to_json, "random": _raise}
    environment.globals |= {"raise_exception": _raise, "lipsum": _raise, "strftime_now": lambda form: DAY}
    return environment


def _names(tree: nodes.Template) -> set[str]:
    """Return the names that are asked for and set nowhere, and that of the day."""
    stored = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
    loaded = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    return meta.find_undeclared_variables(tree) - stored | loaded & {"strftime_now"}


def _pieces(tree: nodes.Template) -> set[str]:
    return {
        *(node.data for node in tree.find_all(nodes.TemplateData)),
        *(str(node.value) for node in tree.find_all(nodes.Const)),
        *(node.key for node in tree.find_all(nodes.Keyword)),
    }


def _to_json(value: Any, **known: Any) -> str:
    return json.dumps(value, **{"ensure_ascii": False, **known})


def _raise(*said: Any, **more: Any) -> None:
    raise TemplateError


def main() -> None:
    """Answer the request on standard input; what a template says in an error is not passed on."""
    request = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SEC, CPU_SEC))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = rendered(request["template"], request["prompts"], request["variables"])
    except (
        TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RuntimeError, MemoryError,
        SyntaxError,
    ) as error:  # fmt: skip
        answer = {"fault": type(error).__name__}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
