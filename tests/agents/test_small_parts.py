"""Parts of a run that need no container."""

from __future__ import annotations

from pathlib import Path

import pytest

from posttrain_arena.adapters.agents import trace
from posttrain_arena.adapters.agents.gpus import GpuSampler
from posttrain_arena.core.benchmarks.answers import last_number
from posttrain_arena.core.benchmarks.contract import Lost
from posttrain_arena.core.benchmarks.results import Answer, fault_of, suite_result
from posttrain_arena.model.benchmark import BenchmarkCard, Generation, Item


def test_output_keeps_its_beginning_and_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "HEAD_BYTES", 10)
    monkeypatch.setattr(trace, "TAIL_BYTES", 10)
    kept = trace.Trace()
    for number in range(100):
        kept.add(f"{number:04d}\n".encode())
    kept.write(tmp_path / "trace.log")
    text = (tmp_path / "trace.log").read_text()
    assert text.startswith("0000\n0001\n")
    assert text.endswith("0098\n0099\n")
    assert "480 bytes left out" in text or "475 bytes left out" in text


def test_gpus_are_told_by_their_mean_and_peak_and_odd_lines_are_passed_over() -> None:
    sampler = GpuSampler()
    for line in ("0, NVIDIA H100, 50, 1000", "0, NVIDIA H100, 100, 3000", "[N/A]", "0, x, [N/A], 1"):
        sampler.note(line)
    (gpu,) = sampler.gpus()
    assert (gpu.name, gpu.mean_utilisation, gpu.peak_memory_mb) == ("NVIDIA H100", 0.75, 3000.0)
    assert GpuSampler().gpus() == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("#### 1,234", "1234"),
        ("\\boxed{-7}", "-7"),
        ("2, then 3", "3"),
        ("$5.50", "5.50"),
        ("none", None),
        ("9" * 90, None),
    ],
)
def test_numbers_are_read_where_answers_have_them(text: str, number: str | None) -> None:
    found = last_number(text)
    assert (None if found is None else str(found)) == number


def test_standard_error_is_over_items() -> None:
    generation = Generation(samples=2, temperature=1.0, top_p=1.0, max_tokens=1, context=8)
    card = BenchmarkCard(
        name="x", version="1", description="X.", scorer="x", generation=generation, dev_items=1, hidden_items=4
    )
    items = [Item(id=name, prompt=name, reference={}) for name in "abcd"]
    scores = {"a": (1.0, 1.0), "b": (0.0, Lost("judge-refused")), "c": (1.0, 0.0), "d": (Lost("template"), 1.0)}
    said, lost = Answer(text="x", lost=""), Answer(text="", lost="template")
    result = suite_result(card, items, {**dict.fromkeys("abc", (said, said)), "d": (lost, said)}, scores)
    assert result.score == 0.5
    assert result.standard_error == pytest.approx((0.5 / 3 / 4) ** 0.5)
    assert [(item.completions, item.scores, item.lost) for item in result.items][1:] == [
        (("x", "x"), (0.0, 0.0), ("judge-refused",)),
        (("x", "x"), (1.0, 0.0), ()),
        (("", "x"), (0.0, 1.0), ("template",)),
    ]
    assert result.lost == {"judge-refused": 1, "template": 1}


def test_a_model_that_gives_too_few_answers_was_not_evaluated() -> None:
    assert fault_of({"not-finite": 1, "judge-refused": 1}, 100) == ""
    assert "3 of 100" in fault_of({"not-finite": 1, "judge-refused": 2}, 100)
