"""An OpenAI-compatible completion server on transformers, for machines where vLLM does not run.

It speaks the part of vLLM's protocol that the arena's client uses: token ids in (``prompt``, ``stop_token_ids``), token
ids and log-probabilities out (``return_token_ids``, ``logprobs``), the log-probabilities of a prompt (``echo`` without
tokens), and LoRA adapters that come and go (``/v1/load_lora_adapter``, ``/v1/unload_lora_adapter``).

    python -m posttrain_arena.adapters.model_server.server --model runs/base --port 8123
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

import torch
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from posttrain_arena.adapters.model_server.engine import ModelEngine, Room
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
        ids = _ids(body)
        if body.get("echo"):
            return _answer(body, logprobs=[None, *await asyncio.to_thread(engine.score, body["model"], ids)])
        completion = await asyncio.wrap_future(engine.submit(body["model"], _prompt(body, ids)))
        return _answer(body, ids=completion.ids, logprobs=completion.logprobs, finish_reason=completion.finish_reason)

    async def load_adapter(request: Request) -> Response:
        body = await request.json()
        await asyncio.to_thread(engine.load_adapter, str(body["lora_name"]), Path(body["lora_path"]))
        return JSONResponse({"status": "ok"})

    async def unload_adapter(request: Request) -> Response:
        body = await request.json()
        await asyncio.to_thread(engine.unload_adapter, str(body["lora_name"]))
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/v1/models", models),
            Route("/v1/completions", completions, methods=["POST"]),
            Route("/v1/load_lora_adapter", load_adapter, methods=["POST"]),
            Route("/v1/unload_lora_adapter", unload_adapter, methods=["POST"]),
        ],
        exception_handlers={UsageError: _refuse, KeyError: _refuse, ValueError: _refuse, OSError: _refuse},
    )


async def _refuse(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": {"message": f"{type(error).__name__}: {error}"}}, status_code=400)


def _answer(
    body: dict[str, Any],
    *,
    logprobs: list[float | None] | list[float],
    ids: list[int] | None = None,
    finish_reason: str = "length",
) -> Response:
    choice = {
        "index": 0,
        "text": "",
        "finish_reason": finish_reason,
        "token_ids": ids,
        "logprobs": {"token_logprobs": logprobs},
    }
    usage = {"prompt_tokens": len(body["prompt"]), "completion_tokens": len(ids or ())}
    return JSONResponse({"object": "text_completion", "model": body["model"], "choices": [choice], "usage": usage})


def _ids(body: dict[str, Any]) -> tuple[int, ...]:
    ids = body["prompt"]
    if not isinstance(ids, list) or not ids or not all(isinstance(token, int) for token in ids):
        raise UsageError("prompt must be a non-empty list of token ids")
    return tuple(ids)


def _prompt(body: dict[str, Any], ids: tuple[int, ...]) -> Prompt:
    return Prompt(
        ids=ids,
        max_tokens=int(body["max_tokens"]),
        temperature=float(body.get("temperature", 1.0)),
        seed=int(body.get("seed", 0)),
        stop_ids=frozenset(int(token) for token in body["stop_token_ids"]),
    )


def main() -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of a Hugging Face model and its tokenizer")
    parser.add_argument("--name", default="base", help="the base model's name in requests")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--sequences", type=int, default=64, help="completions computed at once")
    parser.add_argument("--adapters", type=int, default=2, help="adapters held at once")
    arguments = parser.parse_args()
    room = Room(sequences=arguments.sequences, adapters=arguments.adapters)
    dtype = getattr(torch, arguments.dtype)
    engine = ModelEngine(arguments.model, base_name=arguments.name, dtype=dtype, room=room)
    uvicorn.run(application(engine), host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
