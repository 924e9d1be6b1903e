"""Render chat templates for an audit, in a process that has no secrets and little time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

from posttrain_arena.core.audit.facts import Render, Rendered

MAX_TEMPLATE = 1 << 20
TIMEOUT_SEC = 60.0
_WORKER = "posttrain_arena.adapters.agents.template_worker"


def renderer(base_files: Mapping[str, bytes]) -> Render:
    """Return what renders chat templates with the special tokens of a base model."""
    tokens = _special_tokens(base_files.get("tokenizer_config.json", b"{}"))

    def render(template: str, prompts: Sequence[str]) -> Rendered:
        if len(template) > MAX_TEMPLATE:
            return Rendered(fault=f"more than {MAX_TEMPLATE} characters")
        request = json.dumps({"template": template, "prompts": list(prompts), "variables": tokens})
        argv = [sys.executable, "-I", "-m", _WORKER]
        try:
            done = subprocess.run(argv, input=request.encode(), capture_output=True, timeout=TIMEOUT_SEC, env={})
        except subprocess.TimeoutExpired:
            return Rendered(fault=f"more than {TIMEOUT_SEC:.0f} seconds")
        if done.returncode != 0:
            return Rendered(fault="more time or memory than it may take")
        answer = json.loads(done.stdout)
        texts, pieces, names = (tuple(answer.get(key, ())) for key in ("texts", "pieces", "names"))
        return Rendered(texts=texts, pieces=pieces, names=names, fault=answer.get("fault", ""))

    return render


def _special_tokens(config: bytes) -> dict[str, str]:
    """Return the special tokens of a tokenizer's configuration by name; raises nothing, the base model is ours."""
    found = {}
    for name, value in json.loads(config).items():
        text = value.get("content") if isinstance(value, dict) else value
        if name.endswith("_token") and isinstance(text, str):
            found[name] = text
    return found
