"""An OpenAI-compatible completion server on transformers, for machines where vLLM does not run.

It speaks the part of vLLM's protocol that the arena's client uses: token ids in (``prompt``), token ids and
log-probabilities out (``return_token_ids``, ``logprobs``), LoRA hot swap (``/v1/load_lora_adapter``).

    python -m posttrain_arena.adapters.model_server.server --model runs/base --port 8123
"""

from __future__ import annotations

import argparse
import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from posttrain_arena.adapters.model_server.engine import ModelEngine
from posttrain_arena.adapters.model_server.generation import Prompt
from posttrain_arena.errors import UsageError


def application(engine: ModelEngine) -> Starlette:
    """Return the ASGI application around a loaded model."""

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def models(_: Request) -> Response:
        data = [{"id": name, "object": "model", "max_model_len": engine.context} for name in engine.models]
        return JSONResponse({"object": "list", "data": data})

    async def completions(request: Request) -> Response:
        body = await request.json()
        completion = await asyncio.wrap_future(engine.submit(body["model"], _prompt(body)))
        choice = {
            "index": 0,
            "text": "",
            "finish_reason": completion.finish_reason,
            "token_ids": completion.ids,
            "logprobs": {"token_logprobs": completion.logprobs},
        }
        usage = {"prompt_tokens": len(body["prompt"]), "completion_tokens": len(completion.ids)}
        return JSONResponse({"object": "text_completion", "model": body["model"], "choices": [choice], "usage": usage})

    async def load_adapter(request: Request) -> Response:
        body = await request.json()
        await asyncio.to_thread(engine.load_adapter, str(body["lora_name"]), Path(body["lora_path"]))
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/v1/models", models),
            Route("/v1/completions", completions, methods=["POST"]),
            Route("/v1/load_lora_adapter", load_adapter, methods=["POST"]),
        ],
        exception_handlers={UsageError: _refuse, KeyError: _refuse, ValueError: _refuse, OSError: _refuse},
    )


async def _refuse(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": {"message": f"{type(error).__name__}: {error}"}}, status_code=400)


def _prompt(body: dict[str, Any]) -> Prompt:
    ids = body["prompt"]
    if not isinstance(ids, list) or not ids or not all(isinstance(token, int) for token in ids):
        raise UsageError("prompt must be a non-empty list of token ids")
    return Prompt(
        ids=tuple(ids),
        max_tokens=int(body["max_tokens"]),
        temperature=float(body.get("temperature", 1.0)),
        seed=int(body.get("seed", 0)),
    )


def main() -> None:
    """Serve until the process that started us is gone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of a Hugging Face model and its tokenizer")
    parser.add_argument("--name", default="base", help="the base model's name in requests")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    engine = ModelEngine(arguments.model, base_name=arguments.name)
    config = uvicorn.Config(application(engine), host="127.0.0.1", port=arguments.port, log_level="warning")
    server = uvicorn.Server(config)
    threading.Thread(target=_follow_parent, args=(server,), daemon=True).start()
    server.run()


def _follow_parent(server: uvicorn.Server) -> None:
    """Stop when standard input closes: the parent holds its other end, however it ends."""
    while os.read(0, 1):
        pass
    server.should_exit = True


if __name__ == "__main__":
    main()
