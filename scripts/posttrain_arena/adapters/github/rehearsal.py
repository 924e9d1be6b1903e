"""Read GitHub as ever and write nothing: every request that would change something is told instead of sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from github.Repository import Repository
from github.Requester import Requester

from posttrain_arena.adapters.github.connection import connect

_LONG = 2000


class _RehearsingRequester(Requester):
    """Answers a write with what was to be written, so that its caller goes on."""

    def __init__(self, tell: Callable[[str], None], **settings: Any) -> None:
        super().__init__(**settings)
        self._tell = tell

    def requestJsonAndCheck(  # noqa: N802 (PyGithub's name)
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        input: Any | None = None,
        follow_302_redirect: bool = False,
    ) -> tuple[dict[str, Any], Any]:
        """Send a GET; tell everything else."""
        if verb == "GET":
            return super().requestJsonAndCheck(verb, url, parameters, headers, input, follow_302_redirect)
        body = "" if input is None else f" {json.dumps(input, sort_keys=True, ensure_ascii=True)[:_LONG]}"
        self._tell(f"{verb} {url}{body}")
        return {}, {"url": url, **(input if isinstance(input, dict) else {})}

    def requestJson(self, verb: str, *arguments: Any, **options: Any) -> Any:  # noqa: N802
        """Let nothing but a GET through: some of PyGithub's calls look at the status themselves."""
        if verb == "GET":
            return super().requestJson(verb, *arguments, **options)
        self._tell(f"{verb} {arguments[0] if arguments else options.get('url')}")
        return 204, {}, "{}"


def rehearsed(name: str, token: str, api: str, tell: Callable[[str], None]) -> Repository:
    """Return the repository as a rehearsal has it; ``tell`` hears each write that is left out."""
    requester = _RehearsingRequester(tell, **connect(token, api).requester.kwargs)
    return Repository(requester, url=f"/repos/{name}")
