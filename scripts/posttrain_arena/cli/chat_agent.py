"""Wire the ``chat`` agent to the endpoints that a command line names."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from posttrain_arena.errors import UsageError

if TYPE_CHECKING:
    from posttrain_arena.adapters.model_server.client import Sampling
    from posttrain_arena.core.trial.chat import Chat
    from posttrain_arena.core.trial.conversation import ChatModel

DEFAULT_CONTEXT = 32768
USER_MAX_TOKENS = 512
ENDPOINT_KEY, USER_ENDPOINT_KEY = "ARENA_ENDPOINT_KEY", "ARENA_USER_ENDPOINT_KEY"


def add_chat_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the chat agent."""
    chat = parser.add_argument_group(
        "the chat agent", f"Keys of the endpoints come from {ENDPOINT_KEY} and {USER_ENDPOINT_KEY}."
    )
    chat.add_argument("--endpoint", metavar="URL", help="base URL of an OpenAI-compatible server")
    chat.add_argument("--model", metavar="NAME", help="the model's name at the endpoint")
    chat.add_argument(
        "--tokenizer", type=Path, metavar="DIR", help="speak token ids made with this tokenizer, not chat messages"
    )
    chat.add_argument(
        "--role-model", action="append", default=[], metavar="ROLE=NAME", help="another model for one role of the task"
    )
    chat.add_argument("--user-endpoint", metavar="URL", help="base URL of the server that plays the simulated user")
    chat.add_argument("--user-model", metavar="NAME", help="the model that plays the simulated user")
    chat.add_argument("--max-turns", type=_positive, default=30, metavar="N", help="messages in all (default 30)")
    chat.add_argument("--max-tokens", type=_positive, default=1024, metavar="N", help="per message (default 1024)")
    chat.add_argument(
        "--max-total-tokens", type=_positive, metavar="N", help="sampled tokens in all (default no limit)"
    )
    chat.add_argument(
        "--context",
        type=_positive,
        metavar="N",
        help=f"tokens of a conversation (default: what the server says, else {DEFAULT_CONTEXT})",
    )
    chat.add_argument("--temperature", type=float, default=1.0)


@contextmanager
def chat_agent(arguments: argparse.Namespace) -> Iterator[Chat]:
    """Give the agent that the arguments describe; raises UsageError where they do not describe one."""
    from posttrain_arena.adapters.model_server.client import Sampling
    from posttrain_arena.core.trial.chat import Chat

    missing = [name for name in ("endpoint", "model") if getattr(arguments, name) is None]
    if missing:
        raise UsageError("the chat agent needs " + ", ".join(f"--{name}" for name in missing))
    if (arguments.user_endpoint is None) != (arguments.user_model is None):
        raise UsageError("a simulated user needs both --user-endpoint and --user-model")
    roles = dict(_role_model(text) for text in arguments.role_model)
    sampling = Sampling(
        max_tokens=arguments.max_tokens,
        temperature=arguments.temperature,
        context=DEFAULT_CONTEXT,
        fit=True,
    )
    with ExitStack() as stack:
        models = _models(arguments, {arguments.model, *roles.values()}, sampling, stack)
        yield Chat(
            model=models[arguments.model],
            max_turns=arguments.max_turns,
            max_total_tokens=arguments.max_total_tokens,
            role_models={role: models[name] for role, name in roles.items()},
            user=_user(arguments, sampling, stack),
        )


def _models(
    arguments: argparse.Namespace, names: set[str], sampling: Sampling, stack: ExitStack
) -> dict[str, ChatModel]:
    """Return the models at the endpoint by name: over token ids where there is a tokenizer, else over messages."""
    from posttrain_arena.adapters.model_server.client import PolicyServer, TokenChatModel
    from posttrain_arena.adapters.model_server.messages import MessageChatModel

    server = stack.enter_context(PolicyServer(arguments.endpoint, key=secret(ENDPOINT_KEY)))
    fitting = {name: _fitting(sampling, arguments.context or server.endpoint.context_of(name)) for name in names}
    if arguments.tokenizer is None:
        return {name: MessageChatModel(endpoint=server.endpoint, model=name, sampling=fitting[name]) for name in names}
    from posttrain_arena.adapters.chat_tokens import ChatTokens

    tokens = ChatTokens.load(arguments.tokenizer)
    return {name: TokenChatModel(server=server, model=name, tokens=tokens, sampling=fitting[name]) for name in names}


def _fitting(sampling: Sampling, context: int | None) -> Sampling:
    """Return the sampling for a model's context, None where nobody says what it is."""
    context = context or DEFAULT_CONTEXT
    if sampling.max_tokens >= context:
        raise UsageError(f"--max-tokens {sampling.max_tokens} leaves nothing of a context of {context} tokens")
    return replace(sampling, context=context)


def _user(arguments: argparse.Namespace, sampling: Sampling, stack: ExitStack) -> ChatModel | None:
    from posttrain_arena.adapters.model_server.endpoint import Endpoint
    from posttrain_arena.adapters.model_server.messages import MessageChatModel

    if arguments.user_endpoint is None:
        return None
    endpoint = stack.enter_context(closing(Endpoint(arguments.user_endpoint, key=secret(USER_ENDPOINT_KEY))))
    sampling = replace(sampling, max_tokens=USER_MAX_TOKENS, context=DEFAULT_CONTEXT)
    return MessageChatModel(endpoint=endpoint, model=arguments.user_model, sampling=sampling)


def secret(variable: str) -> str:
    """Return the secret in an environment variable; an odd one would end up in a library's error message."""
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and (key.isprintable() or not key)):
        raise UsageError(f"{variable} is no key: it has characters that no header may have")
    return key


def _role_model(text: str) -> tuple[str, str]:
    role, equals, name = text.partition("=")
    if not (role and equals and name):
        raise UsageError(f"--role-model {text!r}: write the role's name, =, and the model's name at the endpoint")
    return role, name


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number
