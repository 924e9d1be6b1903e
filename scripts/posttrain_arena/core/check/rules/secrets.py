"""Rules about passwords, keys and tokens in a package's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from posttrain_arena.core.check.draft import DOCKERFILE, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.secret_text import (
    Secret,
    find_private_keys,
    find_secrets,
    find_signed_tokens,
    first_characters,
)
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.core.check.text_file import MAX_TEXT_BYTES, read_bytes
from posttrain_arena.model.competition import Competition

MAX_SCANNED_BYTES = 32_000_000
"""Per package: far more text than tasks have, and still judged in half a second."""

_SNIFFED_BYTES = 4096
_SECRET_FILE = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?:local|production|prod|staging|development))?|id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc|_netrc|"
    r"\.pypirc|\.git-credentials|\.aws/credentials|\.docker/config\.json|\.ssh/[^/]*\.pem|\.kube/config)$"
)


def secret(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """No key or token of a service and no private key stands in the task's documents, scripts, verifier or oracle.

    Why: packages are public, and so is their history. How: withdraw the key where it was issued, then take it out; a
    made-up one that says so (`AKIAIOSFODNN7EXAMPLE`) may stay. Example: `token = os.environ["HF_TOKEN"]`.
    """
    told = [(name, text, found) for name, text in _texts(draft) if not _is_data(name) for found in _keys(text)]
    data = {text[found.start : found.end] for text, found in _in_data(draft)} if told else set()
    for name, text, found in told:
        if text[found.start : found.end] not in data:  # what the task's data hold, its tests may look for
            how = "withdraw it where it was issued, then remove it: the history of the repository keeps it"
            yield _spot(name, text, found, how)


def secret_in_data(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A key or token in environment/, or a signed token anywhere, was made for the task.

    Why: a made-up one is fair data for a task about them, and only its author knows whether it is. How: if it opens
    anything, withdraw and replace it; if not, leave it and say so in verifier.md. Example: `ssh-keygen -f key -N ''`,
    run for this task alone.
    """
    for name, text in _texts(draft):
        for found in (*(_keys(text) if _is_data(name) else ()), *find_signed_tokens(text)):
            yield _spot(name, text, found, "check that it opens nothing; replace it if it does")


def secret_file(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Files that tools keep passwords in (.env, id_rsa, .netrc, .pypirc) are meant to be here.

    Why: they get into repositories by accident. How: remove the file, unless it is made-up data of the task. Example:
    `env.example` with names and no values.
    """
    for name in draft.listing.files():
        if draft.listing.entries[name].size and _SECRET_FILE.search(name):
            how = "remove it if it is yours; data that was made up for the task may stay"
            yield Spot(path=name, what="a file of this name usually holds somebody's passwords or keys", how=how)


@lru_cache(maxsize=8)  # data often lies in environment/ and in verifier/, equal to the byte
def _keys(text: str) -> tuple[Secret, ...]:
    return (*find_secrets(text), *find_private_keys(text))


def _in_data(draft: Draft) -> Iterator[tuple[str, Secret]]:
    return ((text, found) for name, text in _texts(draft) if _is_data(name) for found in _keys(text))


def _is_data(name: str) -> bool:
    return name.startswith("environment/") and name != DOCKERFILE


def _spot(name: str, text: str, found: Secret, how: str) -> Spot:
    start = text.rfind("\n", 0, found.start) + 1
    column = len(text[start : found.start].encode("latin-1").decode("utf-8", "replace")) + 1
    value = first_characters(text[found.start : found.end])
    what = found.kind if found.kind == "a private key" else f"{found.kind} ({value})"
    return Spot(path=name, line=text.count("\n", 0, found.start) + 1, column=column, what=what, how=how)


def _texts(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield the files that are text, a character per byte: cheap, and every pattern is ASCII."""
    left = MAX_SCANNED_BYTES
    for name in draft.listing.files():
        data = draft.contents.kept.get(name)
        if data is None:
            data = _head(draft, name)
        left -= len(data)
        if left < 0:
            return
        if b"\0" not in data[:_SNIFFED_BYTES]:
            yield name, data.decode("latin-1")


def _head(draft: Draft, name: str) -> bytes:
    try:
        return read_bytes(draft.path / name, MAX_TEXT_BYTES)
    except OSError:
        return b""


RULES: tuple[Rule, ...] = (
    judged("secret", "error", secret, deep=True),
    judged("secret-in-data", "warning", secret_in_data, deep=True),
    judged("secret-file", "warning", secret_file, deep=True),
)
