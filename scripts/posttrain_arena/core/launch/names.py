"""Name launches by the digests of their jobs, so that the same work always has the same name."""

from __future__ import annotations

import re

from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import StageName

_ENTRY_CHARS, _DIGEST_CHARS = 20, 12
"""Clouds cut names of machines at 35 characters or so; the digest must not be what is cut."""


def launch_name(job: Job) -> str:
    """Return the name of a job's launch."""
    entry = re.sub(r"[^a-z0-9]+", "-", job.entry.name.lower())[:_ENTRY_CHARS].strip("-")
    return f"pta-{entry or 'entry'}-{_short(job.digest)}"


def baseline_digest(job: Job) -> str:
    """Return the digest of the baseline that a job is scored against: all jobs of a recipe and a suite share it."""
    return documents.digest({"recipe": job.recipe.digest, "suite": job.suite.digest})


def baseline_name(job: Job) -> str:
    """Return the name of the launch of a job's baseline."""
    return f"pta-baseline-{_short(baseline_digest(job))}"


def managed_job_name(launch: str, stage: StageName) -> str:
    """Return the name that a stage's managed job has in SkyPilot: the key by which it is found again."""
    return f"{launch}-{stage}"


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_DIGEST_CHARS]
