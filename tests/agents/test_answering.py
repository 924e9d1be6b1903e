"""Answers of a model: each is its own, whatever shares the batch, and the cache stays within its room."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, Gemma3TextConfig, LlamaConfig, MistralConfig, Olmo2Config

from posttrain_arena.adapters.agents.bench import KIT
from posttrain_arena.adapters.agents.kit.answering import batches, prompts
from posttrain_arena.adapters.agents.kit.answering.batches import Row, cache_tokens, complete
from posttrain_arena.adapters.agents.kit.answering.prompts import rendered, stops_of
from posttrain_arena.adapters.agents.kit.answering.sampling import CANDIDATES, chosen, drawn

WARM: dict[str, Any] = {"temperature": 1.0, "top_p": 0.9, "max_tokens": 40, "context": 512}


@pytest.fixture
def model(small_base: Path) -> Iterator[Any]:
    """The small base model, on one thread; torch is left as it was."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield AutoModelForCausalLM.from_pretrained(small_base, dtype=torch.float32).eval()
    torch.set_num_threads(threads)


@pytest.fixture
def tokenizer(small_base: Path) -> Any:
    return AutoTokenizer.from_pretrained(small_base)


def _rows(count: int) -> list[Row]:
    """Samples whose prompts have from 3 to 60 tokens."""
    rng = random.Random(7)
    return [
        Row(str(n), [rng.randrange(256) for _ in range(rng.randint(3, 60))], random.Random(n)) for n in range(count)
    ]


def _drawn_plainly(shares: list[float], top_p: float, draw: float) -> int:
    """The nucleus by its definition, one number after another."""
    before = {share: sum(other for other in shares if other > share) for share in set(shares)}
    kept = [share if before[share] < top_p else 0.0 for share in shares]
    left = draw * sum(kept)
    for token, share in enumerate(kept):
        left -= share
        if left < 0:
            return token
    raise AssertionError("a draw is less than 1")


@pytest.mark.parametrize("spread", [0.0, 0.1, 3.0])
def test_the_nucleus_is_as_defined_whether_few_tokens_are_in_it_or_most(spread: float) -> None:
    made = torch.Generator().manual_seed(1)
    logits = (torch.randn(24, 3 * CANDIDATES, generator=made) * spread).round(decimals=1)  # with ties
    draws = torch.rand(24, generator=made, dtype=torch.float64)
    for how in (0.3, 0.95, 1.0):
        shares = torch.softmax(logits, dim=1)
        wanted = [_drawn_plainly(row, how, draw) for row, draw in zip(shares.tolist(), draws.tolist(), strict=True)]
        assert drawn(shares, how, draws).tolist() == wanted


def test_rows_without_probabilities_are_told() -> None:
    logits = torch.tensor([[0.0, 1.0], [float("nan"), 1.0], [float("inf"), 0.0], [3e38, -3e38]])
    assert chosen(logits, {"temperature": 0, "top_p": 1.0}, [0.5] * 4) == [1, -1, -1, 0]
    assert chosen(logits, {"temperature": 0.6, "top_p": 0.95}, [0.0] * 4) == [0, -1, -1, -1]


SMALL: dict[str, Any] = {
    "vocab_size": 300,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "initializer_range": 0.3,
    "tie_word_embeddings": False,
}
CONFIGS = {
    "qwen3": None,
    "gemma3, a window of 16 beside a full layer": Gemma3TextConfig(
        **SMALL, head_dim=16, sliding_window=16, layer_types=["sliding_attention", "full_attention"]
    ),
    "mistral, a window of 16": MistralConfig(**SMALL, sliding_window=16),
    "llama": LlamaConfig(**SMALL),
    "olmo2": Olmo2Config(**SMALL),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_sample_is_the_same_alone_in_a_batch_and_in_many(
    name: str, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if CONFIGS[name] is not None:
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(CONFIGS[name]).eval()
    stops = frozenset(range(20))  # so that samples end at different times
    alone, together, cramped = _rows(24), _rows(24), _rows(24)
    for row in alone:
        complete(model, [row], WARM, stops, 10**6)
    complete(model, together, WARM, stops, 10**6)
    for name, value in {"ROWS": 9, "STEPS": 4, "READ_TOKENS": 50}.items():
        monkeypatch.setattr(batches, name, value)
    complete(model, cramped, WARM, stops, 300)
    said = [row.said for row in alone]
    assert len({len(one) for one in said}) > 5
    assert [row.said for row in together] == said
    assert [row.said for row in cramped] == said


def test_who_ended_leaves_the_batch_and_the_cache_stays_in_its_room(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def note(_: Any, __: Any, given: dict[str, Any]) -> None:
        seen.append((given["input_ids"].shape[0], given["attention_mask"].shape[1]))

    monkeypatch.setattr(batches, "STEPS", 4)
    model.register_forward_pre_hook(note, with_kwargs=True)
    rows = _rows(24)
    complete(model, rows, WARM, frozenset(range(20)), 300)
    assert all(row.ended for row in rows)
    assert all(count == 1 or count * width <= 300 for count, width in seen)
    steps = sum(count for count, _ in seen)
    assert steps < 1.5 * sum(len(row.said) + 1 for row in rows)


def test_the_room_is_counted_in_what_the_cache_of_this_model_takes(model: Any) -> None:
    each = 2 * 2 * 3 * 32 * 4  # layers, keys and values, heads, their size, bytes
    assert cache_tokens(model) == batches.CPU_CACHE_BYTES // each


def test_an_answer_ends_at_every_token_that_ends_one(small_base: Path, tokenizer: Any, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"eos_token_id": 5}')
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": [6, 7]}')
    tokenizer.eos_token = "<|endoftext|>"
    _, ending = rendered(tokenizer, [])
    closes = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert stops_of(tmp_path, tokenizer, ending) == {5, 6, 7, tokenizer.eos_token_id, closes}
    tokenizer.chat_template = "{% for one in messages %}{{ one.content }}\n{% endfor %}"
    _, ending = rendered(tokenizer, [])
    assert stops_of(tmp_path, tokenizer, ending) == {5, 6, 7, tokenizer.eos_token_id}


@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('no') }}",
        "{{ 1 // 0 }}",
        "{% for x in messages %}",
        "{{ 'x' * 20000000000 }}",
        "{{ 'x' * 2000000 }}",
        "{{ '\\ud800' }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    ],
)
def test_a_template_that_fails_loses_the_answers_and_nothing_else(
    template: str, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "TEMPLATE_SEC", 1)
    tokenizer.chat_template = template
    assert rendered(tokenizer, ["a", "b"]) == ([None, None], "")


def test_a_template_that_fails_for_one_prompt_loses_that_one(tokenizer: Any) -> None:
    tokenizer.chat_template = "{% if messages[0].content == 'b' %}{{ 1 // 0 }}{% endif %}{{ messages[0].content }}"
    assert rendered(tokenizer, ["a", "b", "c"])[0] == ["a", None, "c"]


@pytest.fixture
def answers(small_base: Path, tmp_path: Path) -> Callable[..., list[dict[str, str]]]:
    """Give a way to have a copy of the base model, changed, answer one prompt twice as a container would."""

    def answered(change: Callable[[dict[str, torch.Tensor]], object] = lambda _: None, template: str = "") -> Any:
        weights = load_file(small_base / "model.safetensors")
        change(weights)
        (tmp_path / "model").mkdir(exist_ok=True)
        save_file(weights, tmp_path / "model" / "model.safetensors", {"format": "pt"})
        if template:
            (tmp_path / "model" / "chat_template.jinja").write_text(template)
        task = {"generation": WARM, "requests": [{"id": "a", "prompt": "Say a word.", "seeds": [1, 2]}]}
        job, out = tmp_path / "job.json", tmp_path / "out.json"
        job.write_text(json.dumps([task]))
        argv = [sys.executable, KIT / "generate.py", small_base, tmp_path / "model", job, out]
        subprocess.run(argv, check=True, cwd=tmp_path, env={"PATH": ""}, capture_output=True)
        (said,) = json.loads(out.read_text())
        return said["a"]

    return answered


def test_the_tool_runs_where_the_arena_is_not_installed(answers: Callable[..., list[dict[str, str]]]) -> None:
    first, second = answers()
    assert (first["lost"], second["lost"]) == ("", "")
    assert first["text"] != second["text"]
    assert answers() == [first, second]


def test_a_model_of_no_numbers_loses_its_answers(answers: Callable[..., list[dict[str, str]]]) -> None:
    assert (
        answers(lambda weights: weights["model.norm.weight"].fill_(float("nan")))
        == [{"text": "", "lost": "not-finite"}] * 2
    )


def test_a_model_whose_own_template_fails_loses_its_answers(answers: Callable[..., list[dict[str, str]]]) -> None:
    assert answers(template="{{ raise_exception('no') }}") == [{"text": "", "lost": "template"}] * 2
