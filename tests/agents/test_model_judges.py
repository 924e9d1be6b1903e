"""A model that judges is asked about many answers at a time, and about nothing that is no answer."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from scripted_endpoint import ScriptedEndpoint, serving

from posttrain_arena.adapters.benchmarks import judge_endpoint, process
from posttrain_arena.adapters.benchmarks.judge_endpoint import asking
from posttrain_arena.adapters.benchmarks.process import items_of, judged
from posttrain_arena.adapters.benchmarks.sources import read_sources
from posttrain_arena.core.benchmarks.contract import Ask
from posttrain_arena.core.benchmarks.guard import MAX_ANSWER_CHARS, decoys
from posttrain_arena.core.benchmarks.model_judges import by_comparison, by_rubric, verdicts
from posttrain_arena.errors import ArenaError, ModelServerError
from posttrain_arena.model import documents
from posttrain_arena.model.benchmark import BenchmarkData, DataFile, Item, ModelJudge

RUBRIC = [{"criterion": "asks", "points": 5}, {"criterion": "scolds", "points": -3}]
HEALTH = Item(id="h", prompt="I have a headache.", reference={"rubric": RUBRIC})
HARD = Item(id="a", prompt="Tell me of 7.", reference={"baseline": "b"})
YES = {"content": "VERDICT: YES"}


def _saying(say: Callable[[str], str]) -> Ask:
    return lambda prompts: [say(prompt) for prompt in prompts]


def test_rubric_points_and_comparisons_count_as_published() -> None:
    asks = _saying(lambda text: "VERDICT: YES" if "<criterion>\nasks" in text else "VERDICT: NO")
    assert by_rubric(asks, [HEALTH], ["since when?"]) == [1.0]
    assert by_rubric(_saying(lambda text: "VERDICT: YES"), [HEALTH], ["both"]) == [0.4]
    assert by_comparison(_saying(lambda text: "VERDICT: A"), [HARD], ["x"]) == [0.5]  # always the first: no preference
    assert by_comparison(_saying(lambda text: "VERDICT: TIE"), [HARD], ["x"]) == [0.5]
    better = _saying(lambda text: "VERDICT: A" if "<answer_a>\nx" in text else "VERDICT: B")
    assert by_comparison(better, [HARD, HARD], ["x", "y"]) == [1.0, 0.5]


@pytest.mark.parametrize(("judge", "item"), [(by_rubric, HEALTH), (by_comparison, HARD)])
def test_what_is_no_answer_gets_nothing_of_a_judge_that_likes_all(judge: Any, item: Item) -> None:
    asked: list[str] = []

    def likes(prompts: Sequence[str]) -> list[str]:
        asked.extend(prompts)
        return ["VERDICT: YES" if judge is by_rubric else "VERDICT: A" for _ in prompts]

    garbage = ("qwertz uiop", "9" * 400)  # an answer, if a poor one: the judge's to say
    nothing = [decoy for decoy in decoys(item) if decoy not in garbage] + ["x" * (MAX_ANSWER_CHARS + 1)]
    assert item.prompt in nothing
    assert judge(likes, [item] * len(nothing), nothing) == [0.0] * len(nothing)
    assert asked == []


def test_a_judge_without_a_verdict_is_an_error_and_no_zero() -> None:
    with pytest.raises(ArenaError, match="no verdict"):
        by_comparison(_saying(lambda text: "very good"), [HARD], ["VERDICT: A"])


def test_only_prompts_without_a_verdict_are_asked_again() -> None:
    asked: list[list[str]] = []

    def ask(prompts: Sequence[str]) -> list[str]:
        asked.append(list(prompts))
        return ["VERDICT: NO" if prompt == "a" or len(asked) > 1 else "VERDICT: TIE" for prompt in prompts]

    assert verdicts(ask, ["a", "b"], frozenset({"YES", "NO"})) == ["NO", "NO"]
    assert asked == [["a", "b"], ["b"], []]


class _Together(ScriptedEndpoint):
    """Answers when so many requests are waiting, and never before."""

    def __init__(self, count: int) -> None:
        super().__init__([YES] * 1000)
        self._all = threading.Barrier(count)

    def answer(self, body: dict[str, Any]) -> tuple[int, bytes]:
        self._all.wait(timeout=60)
        return super().answer(body)


def test_many_prompts_are_asked_at_a_time() -> None:
    with serving(_Together(judge_endpoint.PARALLEL)) as url:
        answers = asking(ModelJudge(url=f"{url}/v1", model="m"))(["?"] * 2 * judge_endpoint.PARALLEL)
    assert answers == ["VERDICT: YES"] * 2 * judge_endpoint.PARALLEL


def test_a_provider_that_is_busy_is_asked_again_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_endpoint, "WAITS_SEC", (0, 0))
    with serving(ScriptedEndpoint([429, b"no JSON", YES])) as url:
        assert asking(ModelJudge(url=url, model="m"))(["?"]) == ["VERDICT: YES"]
    with serving(ScriptedEndpoint([503] * 3)) as url, pytest.raises(ModelServerError, match="503"):
        asking(ModelJudge(url=url, model="m"))(["?"])
    for status in (400, 401):
        refusing = ScriptedEndpoint([status])
        with serving(refusing) as url, pytest.raises(ModelServerError, match=str(status)):
            asking(ModelJudge(url=url, model="m"))(["?"])
        assert len(refusing.requests) == 1


def test_the_time_for_a_judge_grows_with_what_it_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ({"prompt": [{"role": "user", "content": f"I have {n} headaches"}], "rubrics": RUBRIC} for n in range(300))
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (tmp_path / "rows.jsonl").write_bytes(data)
    file = DataFile(benchmark="healthbench", path="rows.jsonl", sha256=hashlib.sha256(data).hexdigest())
    with serving(ScriptedEndpoint([YES] * 400)) as url:
        judge = ModelJudge(url=f"{url}/v1", model="m")
        documents.write_document(tmp_path / "data.json", BenchmarkData(files=(file,), judge=judge))
        sources = read_sources(tmp_path / "data.json")
        items = items_of("healthbench", "hidden", b"a secret of tests", sources)
        monkeypatch.setattr(process, "TIMEOUT_SEC", 0.0)  # what is left is the time for 400 questions
        assert judged("healthbench", items, ["since when?"] * 200, sources) == (0.4,) * 200
