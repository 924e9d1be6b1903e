"""The model card: metadata that the hub's own library reads, numbers of the run, and hostile text that stays text."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt
from synthetic_runs import facts, with_lost

from posttrain_arena.cli.results import make_run
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.publication.card import CardFacts, model_card
from posttrain_arena.core.publication.licences import Licence, licence
from posttrain_arena.core.publication.permission import require_public
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.recipe import Recipe

HOSTILE = (
    "---\nlicense: mit\n---\n# x `` ` <script>x()</script> ![i](http://e.vil/i) [l](http://e.vil) | www.e.vil @all "
    "\u202e </code> {{ 7 * 7 }}"
)


def _recipe(name: str) -> Recipe:
    return read_recipe(documents.REPOSITORY_ROOT / "sky" / "recipes" / f"{name}.yaml")


def _card(run: LeaderboardRun, *, recipe: str = "qwen3-8b", terms: str = "Apache-2.0", **changes: Any) -> str:
    given = {
        "repo": "my-org/my-model",
        "run": run,
        "recipe": _recipe(recipe),
        "licence": licence(terms, _recipe(recipe)),
        "environments": 50,
        "shown": 48,
        "merged": False,
    }
    return model_card(CardFacts(**(given | changes)))


def _hostile() -> LeaderboardRun:
    base = facts("mallory")
    entry = dataclasses.replace(base.entry, title=HOSTILE, team=HOSTILE)
    versions = {HOSTILE[:90]: HOSTILE[:90]}
    return make_run(dataclasses.replace(base, entry=entry, exhibition=HOSTILE, hardware=HOSTILE, versions=versions))


@pytest.mark.parametrize("run", [make_run(facts("quiet-harbour")), _hostile()], ids=["quiet", "hostile"])
def test_the_hub_s_library_reads_the_metadata(run: LeaderboardRun) -> None:
    meta = ModelCard(_card(run, terms=HOSTILE if run.entry.name == "mallory" else "MIT")).data.to_dict()
    name = meta.pop("license_name")
    assert re.fullmatch(r"base-model-and-[a-z0-9.-]{1,45}", name)
    assert meta == {
        "license": "other",
        "license_link": "LICENSE.md",
        "base_model": "Qwen/Qwen3-8B",
        "base_model_relation": "adapter",
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "tags": ["posttrain-arena", "reinforcement-learning", "grpo", "sft", "lora", "agent"],
    }


def test_an_embedded_base_is_no_repository_of_the_hub() -> None:
    card = _card(make_run(facts("quiet-harbour")), recipe="tiny")
    meta = yaml.safe_load(card.split("---\n")[1])
    assert meta["license"] == "apache-2.0"
    assert "base_model" not in meta
    assert "built from `report/recipe.json`" in card
    merged = _card(make_run(facts("quiet-harbour")), recipe="tiny", merged=True)
    assert 'from_pretrained("my-org/my-model", subfolder="merged")' in merged


def test_the_card_says_lift_interval_recipe_and_digests() -> None:
    run = make_run(facts("quiet-harbour"))
    card = _card(run)
    score = run.score
    low, high = 100 * score.told.low, 100 * score.told.high
    assert f"**{100 * score.delta:+.1f} points, 95% interval {low:+.1f} to {high:+.1f}**" in card
    for pinned in (run.entry.digest, run.job, run.recipe.digest, run.base_model, run.checkpoint, run.suite.digest):
        assert f"`{pinned}`" in card
    for rate in run.stages:
        if rate.group is None:
            assert f"| `{rate.stage}` | {rate.n} | {100 * rate.rate:.1f} | " in card
    assert "the weights of step 80 of " in card
    assert "the 50 environments of the entry `quiet-harbour`; 48 of them" in card
    assert "## Intended use and limits" in card
    assert "lost and count" not in card


def test_lost_trials_are_told_with_their_bounds() -> None:
    base = facts("quiet-harbour")
    run = make_run(dataclasses.replace(base, evaluations=(*base.evaluations[:2], with_lost(base.evaluations[2], 0, 0))))
    assert "1 trials of this model and 0 of the base model were lost" in _card(run)


def test_what_contributors_wrote_is_code_and_nothing_else() -> None:
    body = ModelCard(_card(_hostile(), terms=HOSTILE)).text
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(body)
    inline = [child for token in tokens for child in token.children or ()]
    assert not [token for token in (*tokens, *inline) if token.type in ("html_block", "html_inline", "image")]
    links = {child.attrs["href"] for child in inline if child.type == "link_open"}
    assert links == {documents.HOME, "https://huggingface.co/Qwen/Qwen3-8B"}
    assert not [child for child in inline if child.type == "text" and "e.vil" in child.content]
    assert [child for child in inline if child.type == "code_inline" and "<script>" in child.content]
    assert "\u202e" not in body
    assert len([token for token in tokens if token.type == "heading_open"]) == 7, "no heading of theirs"


def test_the_licence_file_holds_hostile_text_as_code() -> None:
    text = licence(HOSTILE, _recipe("qwen3-8b")).text
    inline = [child for token in MarkdownIt().parse(text) for child in token.children or ()]
    assert {child.attrs["href"] for child in inline if child.type == "link_open"} == {
        "https://huggingface.co/Qwen/Qwen3-8B"
    }


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("Apache-2.0", "apache-2.0"),
        ("GPL-3.0-or-later", "gpl-3.0"),
        ("ODbL-1.0", "odbl"),
        ("MIT-0", "other"),
        ("", "other"),
    ],
)
def test_a_licence_is_told_in_the_hub_s_words(expression: str, found: str) -> None:
    assert licence(expression, _recipe("tiny")).id == found


def test_most_licences_of_the_competition_have_a_word_and_others_a_text() -> None:
    allowed = read_competition(documents.REPOSITORY_ROOT / "competition.yaml").licenses
    told = {name: licence(name, _recipe("tiny")) for name in allowed}
    assert {name for name, found in told.items() if found.id == "other"} == {"MIT-0", "0BSD", "Python-2.0"}
    assert told["0BSD"] == Licence(id="other", name="0bsd", text=told["0BSD"].text)
    assert "`0BSD`" in told["0BSD"].text


@pytest.mark.parametrize("which", ["baseline", "evaluation"])
def test_one_evaluation_of_another_suite_keeps_a_run_private(which: str) -> None:
    competition = read_competition(documents.REPOSITORY_ROOT / "competition.yaml")
    public = competition.suites.public_sample.digest
    run = make_run(facts("quiet-harbour"))
    other = run.baseline.suite_digest
    sides = [dataclasses.replace(one, suite_digest=public) for one in (run.baseline, *run.evaluations)]
    shown = dataclasses.replace(run, baseline=sides[0], evaluations=tuple(sides[1:]))
    require_public(shown, competition)
    number = 0 if which == "baseline" else 2
    sides[number] = dataclasses.replace(sides[number], suite_digest=other)
    with pytest.raises(UsageError, match="only runs on that may be published"):
        require_public(dataclasses.replace(run, baseline=sides[0], evaluations=tuple(sides[1:])), competition)
    unnamed = dataclasses.replace(competition.suites.public_sample, digest=None)
    suites = dataclasses.replace(competition.suites, public_sample=unnamed)
    with pytest.raises(UsageError, match="may be published"):
        require_public(shown, dataclasses.replace(competition, suites=suites))
