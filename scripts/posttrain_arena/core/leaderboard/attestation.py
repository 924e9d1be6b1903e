"""What a signed statement about a run must say: who signed, and over which bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath
from typing import Any

ISSUER = "https://token.actions.githubusercontent.com"
"""Who vouches for the identity of a workflow: GitHub's own issuer of tokens."""

WORKFLOW = ".github/workflows/collect.yml"
REF = "refs/heads/main"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"

FOLDER = "attestations"
ENDING = ".sigstore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The one workflow that may sign for results: the collector on the main branch of this repository."""

    repository: str

    @property
    def repository_uri(self) -> str:
        """The repository's address, as certificates have it."""
        return f"https://github.com/{self.repository}"

    @property
    def identity(self) -> str:
        """The workflow's name, as certificates have it."""
        return f"{self.repository_uri}/{WORKFLOW}@{REF}"


def attestation_name(name: PurePath) -> PurePosixPath:
    """Return where the bundle for a file lies; both below the leaderboard's folder."""
    return PurePosixPath(FOLDER, *name.with_suffix(ENDING).parts)


def statement_faults(payload: bytes, name: str, data: bytes) -> list[str]:
    """Return what a signed statement lacks to speak of the file ``name`` with the bytes ``data``."""
    try:
        statement = json.loads(payload)
        subjects = _subjects(statement)
        kinds = (statement.get("_type"), statement.get("predicateType"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return [f"the signed statement is none: {type(error).__name__}"]
    if kinds != (STATEMENT, PREDICATE):
        return [f"the signed statement is of another kind than {PREDICATE}"]
    digest = hashlib.sha256(data).hexdigest()
    if subjects.get(name) != digest:
        return [f"the signed statement does not speak of this file with the digest sha256:{digest}"]
    return []


def _subjects(statement: Mapping[str, Any]) -> dict[str, str]:
    return {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
