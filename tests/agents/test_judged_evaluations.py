"""What a model that judges leaves out counts nothing, and too much of it is the run's failure or the judge's."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from agent_scripts import RunScript
from scripted_endpoint import ScriptedEndpoint, serving

from posttrain_arena.adapters.agents.bench import Machine
from posttrain_arena.adapters.agents.evaluate import Asked, Subject, evaluate_model
from posttrain_arena.adapters.agents.run import run_agent
from posttrain_arena.adapters.benchmarks.sources import Sources, read_sources
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.benchmark import BenchmarkData, DataFile, ModelJudge

RUN = "sha256:" + "0" * 64
HIDDEN = 50
LOST = {"judge-refused": 1}


class _Filter(ScriptedEndpoint):
    """Calls every comparison a tie, and refuses prompts with a certain word."""

    def answer(self, body: dict[str, Any]) -> tuple[int, bytes]:
        if "provoke" in body["messages"][0]["content"]:
            return 400, b"{}"
        return 200, json.dumps({"choices": [{"message": {"content": "VERDICT: TIE"}}]}).encode()


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Sources]:
    text = "".join(json.dumps({"prompt": f"Tell me of {n}", "baseline": "7"}) + "\n" for n in range(50 + HIDDEN))
    (tmp_path / "rows.jsonl").write_text(text)
    file = DataFile(benchmark="arenahard", path="rows.jsonl", sha256=hashlib.sha256(text.encode()).hexdigest())
    with serving(_Filter([])) as url:
        judge = ModelJudge(url=url, model="m", questions_per_run=3)
        documents.write_document(tmp_path / "data.json", BenchmarkData(files=(file,), judge=judge))
        yield read_sources(tmp_path / "data.json")


@dataclass(slots=True)
class _Engine:
    """Stands in the engine's place: each model, by its folder's name, gives so many answers that provoke a refusal."""

    provoking: Mapping[str, int]
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def workbench(self, plan: Any) -> Iterator[tuple[Any, None]]:
        model = plan.mounts["/arena/model"].name
        self.asked.append(model)
        jobs = json.loads(plan.mounts["/arena/job.json"].read_text())
        yield _Bench([self._answers(job["requests"], self.provoking.get(model, 0)) for job in jobs]), None

    def _answers(self, requests: list[dict[str, Any]], provoking: int) -> dict[str, Any]:
        words = ["provoke" if place < provoking else "It is 8." for place in range(len(requests))]
        return {one["id"]: [{"text": word, "lost": ""}] for one, word in zip(requests, words, strict=True)}


@dataclass(frozen=True, slots=True)
class _Bench:
    answers: list[dict[str, Any]]

    def run(self, argv: list[str]) -> tuple[int, str]:
        return 0, ""

    def archive(self, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        data, packed = json.dumps(self.answers).encode(), io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            member = tarfile.TarInfo("answers.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        return iter([packed.getvalue()]), {}


Evaluated = Callable[[_Engine], AgentEvaluation]


@pytest.fixture
def evaluated(sources: Sources, small_base: Path, tmp_path: Path) -> Evaluated:
    """Give a way to evaluate a run's model on a benchmark that a model judges."""
    model = shutil.copytree(small_base, tmp_path / "trained")
    machine = Machine(cpus=1.0, memory_mb=2048, storage_mb=64)
    asked = Asked(
        benchmark="arenahard", regression=(), secret=b"a secret of tests", seed=0, machine=machine, sources=sources
    )
    subject = Subject(base=small_base, model=model, run=RUN)
    return lambda engine: evaluate_model(subject, asked, engine)  # type: ignore[arg-type]


def test_an_answer_that_provokes_a_refusal_counts_like_one_that_loses(evaluated: Evaluated) -> None:
    found = evaluated(_Engine({"trained": 1}))
    assert (found.reason, found.hidden.score, found.hidden.lost) == (None, 0.5 * (HIDDEN - 1) / HIDDEN, LOST)
    assert [item.scores for item in found.hidden.items if item.lost] == [(0.0,)]
    assert documents.from_document(AgentEvaluation, documents.to_document(found), where="evaluation") == found


def test_with_more_of_them_the_base_model_stands_in(evaluated: Evaluated) -> None:
    engine = _Engine({"trained": 2, "model": 1})
    found = evaluated(engine)
    assert (found.reason, found.hidden.lost, engine.asked) == ("evaluation-failed", LOST, ["trained", "model"])
    assert found.fallback == "2 of 50 answers are lost: the model that judges refuses them"


def test_a_judge_that_refuses_the_base_model_too_is_to_be_mended_and_no_machine_replaced(evaluated: Evaluated) -> None:
    with pytest.raises(UsageError, match="another model that judges") as raised:
        evaluated(_Engine({"trained": 2, "model": 2}))
    assert raised.value.exit_code == 2


SCORE_ONE = """\
first=$(head -n 1 /arena/dev/dev.jsonl | python -c 'import json; print(json.loads(input())["id"])')
echo "{\\"$first\\": \\"It is 8.\\"}" >said.json
score --completions said.json && ! score --completions said.json
"""


@pytest.mark.docker
def test_what_a_run_may_ask_the_organisers_model_is_bounded_and_told(run_script: RunScript, sources: Sources) -> None:
    request = replace(run_script.request("asks", SCORE_ONE, seconds=60.0), benchmark="arenahard", sources=sources)
    run = run_agent(request, run_script.engine)
    trace = (request.out / "trace.log").read_text()
    assert (run.exit.reason, run.telemetry.judge_questions) == ("finished", 2), trace
    assert '"questions_left": 1' in trace
    assert "1 are left, this call needs 2" in trace
