"""Evaluate a model folder on the hidden split: answered in a fresh container without network, judged outside it."""

from __future__ import annotations

import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from posttrain_arena.adapters.agents.bench import GPU_PROCESSES, Machine, require_python
from posttrain_arena.adapters.agents.copies import file_of
from posttrain_arena.adapters.agents.model_folder import Base
from posttrain_arena.adapters.agents.python_mounts import BIN
from posttrain_arena.adapters.benchmarks.process import items_of, judged
from posttrain_arena.adapters.benchmarks.registry import find
from posttrain_arena.adapters.benchmarks.sources import Sources
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.workbench import WorkbenchPlan
from posttrain_arena.core.agents.told import ARENA
from posttrain_arena.core.benchmarks.contract import Lost, request_seed
from posttrain_arena.core.benchmarks.few_shot import prompt_of, shown_of
from posttrain_arena.core.benchmarks.results import Answer, fault_of, suite_result
from posttrain_arena.errors import ArenaError, UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation, SuiteResult
from posttrain_arena.model.benchmark import BenchmarkCard, Item
from posttrain_arena.model.places import WORKSPACE
from posttrain_arena.model.tree import tree_digest

MAX_ANSWERS_BYTES = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is evaluated: the canonical folder of a run's model, or the base model itself where there is none."""

    base: Path
    model: Path | None
    run: str | None
    own_template: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What it is asked: the benchmark that counts, those that show what was lost, and how many examples come before."""

    benchmark: str
    regression: tuple[str, ...]
    secret: bytes
    seed: int
    machine: Machine
    sources: Sources = field(default_factory=Sources)
    shots: int = 0


def evaluate_model(
    subject: Subject, asked: Asked, engine: DockerEngine, say: Callable[[str], None] = lambda text: None
) -> AgentEvaluation:
    """Return the evaluation; the base model's where a run left no model, or one with too many answers lost.

    Raises UsageError where the folder is no canonical model of this base, and where a reference loses too many.
    """
    base = Base(subject.base)
    model = subject.model
    if model is not None and (fault := base.fault(model)):
        remedy = "evaluate what the run wrote, unchanged" if subject.run else "name a model of this base"
        raise UsageError(f"{model}: {fault}: {remedy}")
    folder = model or subject.base
    digests = tree_digest(folder), tree_digest(subject.base)
    names = (asked.benchmark, *asked.regression)
    suites = [(find(name).card, items_of(name, "hidden", asked.secret, asked.sources)) for name in names]
    say(f"the model answers {', '.join(names)}")
    jobs = [_job(card, items, asked) for card, items in suites]
    answers = _answers(jobs, (subject.base, folder), asked, engine)
    first = [answer.lost for texts in answers[0].values() for answer in texts]
    if fault := fault_of(Counter(filter(None, first)), len(first)):
        return _instead(subject, asked, engine, say, fault)
    say("its answers are judged")
    results = [_result(card, items, given, asked) for (card, items), given in zip(suites, answers, strict=True)]
    for result in results[: 1 if subject.run else None]:  # a reference's are all compared with
        if fault := fault_of(result.lost, sum(len(item.scores) for item in result.items)):
            return _instead(subject, asked, engine, say, fault)
    missing = model is None and subject.run is not None
    return AgentEvaluation(
        run=subject.run,
        model=digests[0],
        base_model=digests[1],
        reason="model-not-submitted" if missing else None,
        fallback="the run left no valid model" if missing else "",
        chat_template="own" if subject.own_template and model is not None else "base",
        seed=asked.seed,
        hidden=results[0],
        regression=tuple(results[1:]),
    )


Answers = Mapping[str, Sequence[Answer]]


def _instead(
    subject: Subject, asked: Asked, engine: DockerEngine, say: Callable[[str], None], fault: str
) -> AgentEvaluation:
    """Return the base model's evaluation in the place of a run's model; a reference has nobody to stand in."""
    if subject.model is None or subject.run is None:
        remedy = "name a model with finite weights and a chat template that works, or another model that judges"
        raise UsageError(f"{subject.model or subject.base}: {fault}: {remedy}")
    say(f"{fault}: the base model answers in its place")
    instead = evaluate_model(replace(subject, model=None), asked, engine, say)
    return replace(instead, reason="evaluation-failed", fallback=fault)


def _result(card: BenchmarkCard, items: Sequence[Item], answers: Answers, asked: Asked) -> SuiteResult:
    wanted = card.generation.samples
    if set(answers) != {item.id for item in items} or any(len(given) != wanted for given in answers.values()):
        raise ArenaError(f"the model's container did not answer every item of {card.name}")
    flat = [(item, answer) for item in items for answer in answers[item.id]]
    heard = [(item, answer.text) for item, answer in flat if not answer.lost]
    judgements = iter(judged(card.name, [item for item, _ in heard], [text for _, text in heard], asked.sources))
    scores: dict[str, list[float | Lost]] = defaultdict(list)
    for item, answer in flat:
        scores[item.id].append(Lost(answer.lost) if answer.lost else next(judgements))
    judge = asked.sources.judge_of(card.name)
    return suite_result(card, items, answers, scores, judge.model if judge else "")


def _job(card: BenchmarkCard, items: Sequence[Item], asked: Asked) -> Mapping[str, Any]:
    """Return what the container is asked: prompts and seeds, and no reference but those of examples."""
    how = card.generation
    dev = items_of(card.name, "dev", None, asked.sources) if asked.shots else ()
    shown = shown_of(find(card.name), dev, asked.shots)
    requests = [
        {
            "id": item.id,
            "prompt": prompt_of(item.prompt, shown),
            "seeds": [request_seed(asked.seed, item.id, n) for n in range(how.samples)],
        }
        for item in items
    ]
    settings = {
        "max_tokens": how.max_tokens,
        "temperature": how.temperature,
        "top_p": how.top_p,
        "context": how.context,
    }
    return {"generation": settings, "requests": requests}


def _answers(
    jobs: Sequence[Mapping[str, Any]], folders: tuple[Path, Path], asked: Asked, engine: DockerEngine
) -> list[Answers]:
    """Have the model in the second folder, of the base in the first, answer in a container without network."""
    with tempfile.TemporaryDirectory(prefix="arena-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "job.json").write_text(json.dumps(jobs), "utf-8")
        mounts = {
            **asked.machine.mounts(folder / "bin"),
            f"{ARENA}/base_model": folders[0].resolve(),
            f"{ARENA}/model": folders[1].resolve(),
            f"{ARENA}/job.json": folder / "job.json",
        }
        plan = WorkbenchPlan(
            image=asked.machine.image,
            limits=asked.machine.limits,
            mounts=mounts,
            gpus=asked.machine.gpus,
            processes=GPU_PROCESSES,
        )
        with engine.workbench(plan) as (bench, _):
            require_python(bench, asked.machine)
            out = f"{WORKSPACE}/answers.json"
            argv = [f"{ARENA}/base_model", f"{ARENA}/model", f"{ARENA}/job.json", out]
            status, said = bench.run([f"{BIN}/python", f"{BIN}/generate.py", *argv])
            if status != 0:
                raise ArenaError(f"the model could not be run: {said.strip()[-800:]}")
            answers = msgspec.json.decode(file_of(bench, out, MAX_ANSWERS_BYTES), type=list[dict[str, list[Answer]]])
    return list(answers)
