"""Read the webhook payloads that the bot acts on. GitHub signs them, but what people wrote in them stays theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from posttrain_arena.core.contest.labels import LabelRequest
from posttrain_arena.errors import UsageError

Payload = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A workflow run for a pull request that is over: ``owner:branch`` is where the pull request comes from."""

    run: int
    attempt: int
    workflow: str
    head: str
    owner: str
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullChange:
    """Something happened to a pull request: a label came or went, a push, it was closed, ``merged`` or not.

    ``labels`` are those that the pull request had then.
    """

    number: int
    action: Literal["labeled", "unlabeled", "synchronize", "closed"]
    head: str
    label: str
    actor: str
    by_person: bool
    merged: bool = False
    labels: tuple[str, ...] = ()

    @property
    def request(self) -> LabelRequest:
        """The label as somebody's request."""
        return LabelRequest(label=self.label, head=self.head, actor=self.actor, by_person=self.by_person)


def finished_run(payload: Payload) -> FinishedRun | None:
    """Return the run of a ``workflow_run`` event; None where it was not for a pull request."""
    run = _part(payload, "workflow_run")
    if run.get("event") != "pull_request":
        return None
    return FinishedRun(
        run=_typed(run, "id", int),
        attempt=_typed(run, "run_attempt", int),
        workflow=_typed(run, "name", str),
        head=_typed(run, "head_sha", str),
        owner=_typed(_part(_part(run, "head_repository"), "owner"), "login", str),
        branch=_typed(run, "head_branch", str),
    )


def pull_change(payload: Payload) -> PullChange:
    """Return what a ``pull_request`` or ``pull_request_target`` event says."""
    pull, sender = _part(payload, "pull_request"), _part(payload, "sender")
    action = payload.get("action")
    if action not in ("labeled", "unlabeled", "synchronize", "closed"):
        raise UsageError(f"the event's action {action!r} is none that the bot acts on")
    return PullChange(
        number=_typed(pull, "number", int),
        action=action,
        head=_typed(_part(pull, "head"), "sha", str),
        label=_typed(_part(payload, "label"), "name", str) if "label" in payload else "",
        actor=_typed(sender, "login", str),
        by_person=sender.get("type") == "User",
        merged=pull.get("merged") is True,
        labels=_names(pull.get("labels", [])),
    )


def _part(payload: Payload, name: str) -> Payload:
    found = payload.get(name)
    if not isinstance(found, Mapping):
        raise UsageError(f"the event has no {name}: is it of another kind?")
    return found


def _names(labels: object) -> tuple[str, ...]:
    if not isinstance(labels, list) or not all(isinstance(label, Mapping) for label in labels):
        raise UsageError("the event has no labels that are a list of labels")
    return tuple(_typed(label, "name", str) for label in labels)


def _typed(payload: Payload, name: str, kind: type[T]) -> T:
    found = payload.get(name)
    if not isinstance(found, kind) or isinstance(found, bool):
        raise UsageError(f"the event has no {name} that is a {kind.__name__}")
    return found
