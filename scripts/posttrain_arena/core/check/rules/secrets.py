"""Rules about passwords, keys and tokens in a package's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
    data = {one.value for one in _found(draft) if one.in_data}  # what the task's data hold, its tests may look for
    for one in _found(draft):
        if not one.in_data and not one.signed and one.value not in data:
            yield one.spot("withdraw it where it was issued, then remove it: the history of the repository keeps it")


def secret_in_data(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A key or token in environment/, or a signed token anywhere, was made for the task.

    Why: a made-up one is fair data for a task about them, and only its author knows whether it is. How: if it opens
    anything, withdraw and replace it; if not, leave it and say so in verifier.md. Example: `ssh-keygen -f key -N ''`,
    run for this task alone.
    """
    for one in _found(draft):
        if one.in_data or one.signed:
            yield one.spot("check that it opens nothing; replace it if it does")


def secret_file(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Files that tools keep passwords in (.env, id_rsa, .netrc, .pypirc) are meant to be here.

    Why: they get into repositories by accident. How: remove the file, unless it is made-up data of the task. Example:
    `env.example` with names and no values.
    """
    for name in draft.listing.files():
        if draft.listing.entries[name].size and _SECRET_FILE.search(name):
            how = "remove it if it is yours; data that was made up for the task may stay"
            yield Spot(path=name, what="a file of this name usually holds somebody's passwords or keys", how=how)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A secret in a file, whose text has a character per byte; ``signed`` is one that may be public."""

    name: str
    text: str
    secret: Secret
    signed: bool = False

    @property
    def in_data(self) -> bool:
        return self.name.startswith("environment/") and self.name != DOCKERFILE

    @property
    def value(self) -> str:
        return self.text[self.secret.start : self.secret.end]

    def spot(self, how: str) -> Spot:
        start = self.text.rfind("\n", 0, self.secret.start) + 1
        column = len(self.text[start : self.secret.start].encode("latin-1").decode("utf-8", "replace")) + 1
        kind = self.secret.kind
        what = kind if kind == "a private key" else f"{kind} ({first_characters(self.value)})"
        line = self.text.count("\n", 0, start) + 1
        return Spot(path=self.name, line=line, column=column, what=what, how=how)


_LAST: list[tuple[Draft, tuple[_Found, ...]]] = []
"""Two rules look at what is found in one package."""


def _found(draft: Draft) -> tuple[_Found, ...]:
    for known, found in _LAST:
        if known is draft:
            return found
    _LAST[:] = [(draft, tuple(_search(draft)))]
    return _LAST[0][1]


def _search(draft: Draft) -> Iterator[_Found]:
    for name, text in _texts(draft):
        for one in (*find_secrets(text), *find_private_keys(text)):
            yield _Found(name=name, text=text, secret=one)
        for one in find_signed_tokens(text):
            yield _Found(name=name, text=text, secret=one, signed=True)


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
