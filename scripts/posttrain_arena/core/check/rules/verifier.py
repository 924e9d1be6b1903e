"""Rules about how a trial is scored."""

from __future__ import annotations

from collections.abc import Iterator

from posttrain_arena.core.check.draft import TEST, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.shell_script import commands
from posttrain_arena.core.check.spot import Spot, shown
from posttrain_arena.model.competition import Competition

OUTPUTS = {"reward_text": "/logs/verifier/reward.txt", "reward_json": "/logs/verifier/reward.json"}
"""Where the runner looks for a reward."""


def default_strategy(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """default_strategy is the name of one of the strategies.

    Why: it is the one that is run. How: name one that is there, or rename it. Example:
    `default_strategy: pytest` beside `strategies: {pytest: …}`.
    """
    if (document := draft.verifier.value) and document.verifier.default_strategy not in document.verifier.strategies:
        names = ", ".join(shown(name) for name in document.verifier.strategies)
        what = f"default_strategy {shown(document.verifier.default_strategy)!r} is not one of the strategies"
        yield draft.verifier.spot("verifier", "default_strategy", what=what, how=f"write one of: {names}")


def strategy_command(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A strategy runs ./test.sh.

    Why: it is the one entry point that the runner starts. How: write that command and call others
    from there. Example: `command: ./test.sh`.
    """
    document = draft.verifier.value
    for name, strategy in document.verifier.strategies.items() if document else ():
        if strategy.command.strip() not in ("./test.sh", "test.sh", "bash test.sh", "bash ./test.sh"):
            what = f"the command {shown(strategy.command)!r} is not ./test.sh"
            yield draft.verifier.spot(
                "verifier", "strategies", name, "command", what=what, how="write command: ./test.sh"
            )


def rubric_weights(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """With combine weighted_sum the weights add up to 1.

    Why: a reward lies in [0, 1]. How: mend the weights, or take the mean. Example:
    `combine: weighted_mean`.
    """
    document = draft.verifier.value
    if document is None or document.verifier.rubric.combine != "weighted_sum":
        return
    total = sum(dimension.weight for dimension in document.verifier.rubric.dimensions.values())
    if abs(total - 1) > 1e-6:
        how = "make them add up to 1, or write combine: weighted_mean"
        yield draft.verifier.spot(
            "verifier", "rubric", "dimensions", what=f"the weights add up to {total:g}, not to 1", how=how
        )


def outputs_path(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The reward is written where the runner looks for it.

    Why: a reward elsewhere is no reward. How: write the two paths that the message names; details_json lies in
    /logs/verifier/ as well. Example: `reward_text: /logs/verifier/reward.txt`.
    """
    if (document := draft.verifier.value) is None:
        return
    outputs = document.verifier.outputs
    for key, path in OUTPUTS.items():
        if getattr(outputs, key) != path:
            yield draft.verifier.spot(
                "verifier", "outputs", key, what=f"{key} is not {path}", how=f"write {key}: {path}"
            )
    if not outputs.details_json.startswith("/logs/verifier/"):
        how = "write details_json: /logs/verifier/ctrf.json"
        yield draft.verifier.spot(
            "verifier", "outputs", "details_json", what="details_json lies outside /logs/verifier/", how=how
        )


def test_writes_artefacts(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """verifier/test.sh writes all three: reward.txt, reward.json and the single checks (ctrf.json).

    Why: a reward that is missing in one of them is no reward. How: write $BENCHFLOW_REWARD_TEXT,
    $BENCHFLOW_REWARD_JSON and $BENCHFLOW_REWARD_DETAILS_JSON on every path through the script. Example: `echo 0.0 >
    "$BENCHFLOW_REWARD_TEXT"`.
    """
    if not draft.text(TEST):
        return
    code = "\n".join(line for _, line in commands(draft.text(TEST)))
    wanted = {
        "reward.txt": ("reward.txt", "BENCHFLOW_REWARD_TEXT"),
        "reward.json": ("reward.json", "BENCHFLOW_REWARD_JSON"),
        "ctrf.json": ("ctrf.json", "BENCHFLOW_REWARD_DETAILS_JSON", *_details_name(draft)),
    }
    for file, names in wanted.items():
        if not any(name in code for name in names):
            how = f"write it to ${names[1]}, default /logs/verifier/{file}; the template shows how"
            yield Spot(path=TEST, what=f"{file} is never written", how=how)


def _details_name(draft: Draft) -> tuple[str, ...]:
    value = draft.verifier.value
    return (value.verifier.outputs.details_json.rsplit("/", 1)[-1],) if value else ()


RULES: tuple[Rule, ...] = (
    judged("default-strategy", "error", default_strategy),
    judged("strategy-command", "error", strategy_command),
    judged("rubric-weights", "error", rubric_weights),
    judged("outputs-path", "error", outputs_path),
    judged("test-artefacts", "error", test_writes_artefacts, deep=True),
)
