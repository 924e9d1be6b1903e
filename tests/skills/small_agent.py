"""A reference agent that is built in seconds: it need not read well."""

from __future__ import annotations

import copy

from posttrain_arena.cli.demo_skills import AGENT
from posttrain_arena.cli.skill_sets import read_agent
from posttrain_arena.model import documents
from posttrain_arena.model.reference_agent import ReferenceAgent


def small_agent() -> ReferenceAgent:
    """Return the tiny agent with a few lessons."""
    doc = copy.deepcopy(documents.to_document(read_agent(AGENT)))
    taught = doc["model"]["taught"]
    taught["base"] |= {"hidden": 64, "heads": 2, "intermediate": 64}
    taught["base"]["pretraining"] |= {"steps": 2, "batch_size": 2}
    taught["lessons"] |= {"steps": 3, "batch_size": 2}
    doc["evaluation"] |= {"trials_per_task": 1, "baseline_trials_per_task": 1, "concurrency": 1}
    return documents.from_document(ReferenceAgent, doc, where="small agent")
