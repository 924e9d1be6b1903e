"""Write the model card of a published run: metadata for the hub, then what a reader must know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from posttrain_arena.core.publication.licences import FILE, Licence
from posttrain_arena.model.documents import HOME, digest, to_document
from posttrain_arena.model.leaderboard_run import LeaderboardRun, StageRate
from posttrain_arena.model.markdown import cell, span
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.score import Interval

TAGS = ("posttrain-arena", "reinforcement-learning", "grpo", "sft", "lora", "agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What the card is made of. ``environments`` were in the entry, ``shown`` of them had demonstrations to learn from.

    ``merged`` says that the whole model lies beside the adapter.
    """

    repo: str
    run: LeaderboardRun
    recipe: Recipe
    licence: Licence
    environments: int
    shown: int
    merged: bool


def model_card(facts: CardFacts) -> str:
    """Return README.md. What contributors wrote is in code, where it can neither link, embed nor mention."""
    meta = yaml.safe_dump(_metadata(facts), sort_keys=False, allow_unicode=False, width=1000)
    parts = (_head, _result, _training, _use, _limits, _provenance, _files)
    body = "\n\n".join("\n".join(part(facts)) for part in parts)
    return f"---\n{meta}---\n\n{body}\n"


def _metadata(facts: CardFacts) -> dict[str, Any]:
    base, licence = facts.recipe.model.hub, facts.licence
    meta: dict[str, Any] = {"license": licence.id}
    if licence.name:
        meta |= {"license_name": licence.name, "license_link": FILE}
    if base is not None:
        meta |= {"base_model": base.repo, "base_model_relation": "adapter"}
    return meta | {"library_name": "peft", "pipeline_tag": "text-generation", "tags": list(TAGS)}


def _head(facts: CardFacts) -> Iterator[str]:
    run = facts.run
    yield f"# {span(run.entry.title or run.entry.name, 80)}"
    yield ""
    yield (
        f"{_base(facts.recipe)}, post-trained in the [PostTrain Arena]({HOME}) on the environments of "
        f"{span(run.entry.team, 80)}: supervised fine-tuning on verified demonstrations, then GRPO on trials "
        "in containers."
    )
    if run.status == "exhibition":
        yield f"\nAn exhibition, which holds no rank: {span(run.reason)}."


def _base(recipe: Recipe) -> str:
    hub = recipe.model.hub
    if hub is None:
        return f"The embedded model of the recipe {span(recipe.name)}"
    return f"[{hub.repo}](https://huggingface.co/{hub.repo})"


def _result(facts: CardFacts) -> Iterator[str]:
    run, score = facts.run, facts.run.score
    yield "## Result"
    yield ""
    low, high, level = score.told.low, score.told.high, f"{score.analysis.level:.0%}"
    yield (
        f"**{_points(score.delta)} points, {level} interval {_points(low)} to {_points(high)}**: the lift of the pass "
        f"rate over the base model on the {score.n} tasks of {span(run.suite.name)}, {score.k} trials each "
        f"({score.k_b} of the base model)."
    )
    yield ""
    yield f"| Stage | Tasks | Pass rate, % | {level} interval |"
    yield "| --- | --- | --- | --- |"
    for rate in run.stages:
        if rate.group is None:
            yield f"| {cell(rate.stage)} | {rate.n} | {100 * rate.rate:.1f} | {_rate_interval(rate)} |"
    if score.lost.entry or score.lost.baseline:
        yield ""
        yield (
            f"{score.lost.entry} trials of this model and {score.lost.baseline} of the base model were lost and count "
            f"as fails; whatever they were, the lift is between {_points(score.lost.delta_low)} and "
            f"{_points(score.lost.delta_high)} points."
        )


def _rate_interval(rate: StageRate) -> str:
    interval: Interval | None = rate.interval
    return "-" if interval is None else f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"


def _points(fraction: float) -> str:
    return f"{100 * fraction:+.1f}"


def _training(facts: CardFacts) -> Iterator[str]:
    run, recipe = facts.run, facts.recipe
    steps = run.checkpoint_steps
    yield "## Training"
    yield ""
    yield (
        f"- **Data**: the {facts.environments} environments of the entry {span(run.entry.name)}; {facts.shown} of them "
        "had a demonstration that passed its own verifier, and only those were trained on. Nothing of the suite was."
    )
    yield f"- **SFT**: {_steps(steps, 'sft', recipe.sft.steps)}, learning rate {recipe.sft.learning_rate:g}"
    yield (
        f"- **GRPO**: {_steps(steps, 'grpo', recipe.grpo.steps)}, {recipe.grpo.tasks_per_step} tasks of "
        f"{recipe.grpo.generations} trials a step, learning rate {recipe.grpo.learning_rate:g}, loss {recipe.grpo.loss}"
    )
    yield f"- **Adapter**: LoRA of rank {recipe.lora.rank}, alpha {recipe.lora.alpha}, on all linear layers"
    yield f"- **Seed** {run.seed}, **machine** {span(run.hardware or 'not told', 120)}"
    versions = ", ".join(f"{name} {version}" for name, version in sorted(run.versions.items()))
    yield f"- **Versions**: {span(versions or 'not told', 400)}"


def _steps(steps: Mapping[str, int], stage: str, planned: int) -> str:
    kept = steps.get(stage)
    return f"{planned} steps" if kept in (None, planned) else f"the weights of step {kept} of {planned}"


def _use(facts: CardFacts) -> Iterator[str]:
    hub = facts.recipe.model.hub
    yield "## Use"
    yield ""
    if facts.merged:
        yield "```python"
        yield "from transformers import AutoModelForCausalLM, AutoTokenizer"
        yield ""
        yield f'model = AutoModelForCausalLM.from_pretrained("{facts.repo}", subfolder="merged")'
        yield f'tokenizer = AutoTokenizer.from_pretrained("{facts.repo}", subfolder="merged")'
        yield "```"
    elif hub is not None:
        yield "```python"
        yield "from peft import PeftModel"
        yield "from transformers import AutoModelForCausalLM"
        yield ""
        yield f'base = AutoModelForCausalLM.from_pretrained("{hub.repo}", revision="{hub.revision}")'
        yield f'model = PeftModel.from_pretrained(base, "{facts.repo}")'
        yield "```"
    else:
        yield "The base model is on no hub: it is built from `report/recipe.json`, as the arena's code does it."


def _limits(facts: CardFacts) -> Iterator[str]:
    yield "## Intended use and limits"
    yield ""
    yield (
        "Made to measure what the entry's environments teach; for research on post-training. It was rewarded for "
        "acting in a shell by what automatic verifiers accept, which may differ from what their tasks mean: let it act "
        "in a sandbox only."
    )
    yield ""
    yield (
        f"The lift holds for this suite of {facts.run.score.n} tasks and for one training seed; on others it may be "
        "none. Safety, bias and languages were not assessed and are those of the base model at best. The trajectories "
        "are what the model wrote, unfiltered."
    )


def _provenance(facts: CardFacts) -> Iterator[str]:
    run = facts.run
    yield "## Provenance"
    yield ""
    yield "| | Name | Digest |"
    yield "| --- | --- | --- |"
    for what, name, pinned in (
        ("Run", run.id, digest(to_document(run))),
        ("Entry", run.entry.name, run.entry.digest),
        ("Job", "", run.job),
        ("Recipe", run.recipe.name, run.recipe.digest),
        ("Base model", "", run.base_model),
        ("Checkpoint", run.scored_stage, run.checkpoint),
        ("Suite", run.suite.name, run.suite.digest),
        ("Analysis", run.score.analysis.version, digest(to_document(run.score)["analysis"])),
    ):
        yield f"| {what} | {cell(name) if name else ''} | {cell(pinned)} |"


def _files(facts: CardFacts) -> Iterator[str]:
    yield "## Files"
    yield ""
    yield "- `adapter_model.safetensors`: the adapter"
    yield "- `fingerprint.json`: log-probabilities of a few fixed tokens, to tell whether a server serves this adapter"
    if facts.merged:
        yield "- `merged/`: the whole model, the adapter merged into its base"
    yield "- `report/`: the run with its raw rewards, the recipe, and each stage's manifest and metrics"
    yield "- `trajectories/`: every trial of the evaluations, one JSON document a line"
    if facts.licence.text:
        yield f"- `{FILE}`: whose licences hold"
