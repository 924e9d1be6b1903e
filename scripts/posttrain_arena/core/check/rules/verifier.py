"""Rules about verifier/verifier.md: how a trial is scored, and what a reviewer is told."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from posttrain_arena.core.check.draft import VERIFIER, Draft
from posttrain_arena.core.check.names import meant, offer
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.places import LOGS_DIR, REWARD_JSON, REWARD_TEXT
from posttrain_arena.model.shown import shown
from posttrain_arena.model.verifier_document import Verifier

DOCUMENT_VERSION = 0.3
OUTPUTS = {"reward_text": f"{LOGS_DIR}/{REWARD_TEXT}", "reward_json": f"{LOGS_DIR}/{REWARD_JSON}"}
"""Where the runner looks for a reward."""

_COMMAND = re.compile(r"((ba)?sh\s+)?(\./|/verifier/)?test\.sh")
_ROLE = re.compile(r"role:[A-Za-z0-9_.-]+")
_NEAR_ROLE = re.compile(r"roles?\s*[:-]?\s*reviewer|reviewers?\s*:?|review", re.IGNORECASE)
_NEAR_SOURCE = 0.8


def _verifier(draft: Draft) -> Verifier | None:
    return draft.verifier.value.verifier if draft.verifier.value else None


def _default_of(verifier: Verifier) -> str | None:
    """Return the name of the strategy that is run; None where nothing says which."""
    only = next(iter(verifier.strategies)) if len(verifier.strategies) == 1 else None
    return verifier.default_strategy or only


def document_version(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """verifier.md names the version of its format, which is 0.3.

    Why: a later format may mean something else by the same words. How: write it as the first setting. Example:
    `document_version: "0.3"`.
    """
    document = draft.verifier.value
    if document is None:
        return
    how = 'write document_version: "0.3"'
    if document.document_version is None:
        yield draft.verifier.spot(what="document_version is missing", how=f"{how} above 'verifier:'")
    elif str(document.document_version).strip() not in ("0.3", str(DOCUMENT_VERSION)):
        what = f"document_version is {shown(document.document_version)}, the arena reads 0.3"
        yield draft.verifier.spot("document_version", what=what, how=how)


def default_strategy(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """default_strategy is the name of one of the strategies; where there is one strategy it may be left out.

    Why: it is the one that is run. How: name one that is there, or rename it. Example:
    `default_strategy: pytest` beside `strategies: {pytest: …}`.
    """
    verifier = _verifier(draft)
    if verifier is None:
        return
    names = ", ".join(shown(name) for name in verifier.strategies)
    name = _default_of(verifier)
    if name is None:
        what = f"default_strategy is missing beside {len(verifier.strategies)} strategies"
        yield draft.verifier.spot("verifier", "strategies", what=what, how=f"add default_strategy: one of {names}")
    elif name not in verifier.strategies:
        close = meant(name, verifier.strategies)
        what = f"default_strategy {shown(name)!r} is not one of the strategies"
        what += offer(shown(close) if close else None)
        yield draft.verifier.spot("verifier", "default_strategy", what=what, how=f"write one of: {names}")


def strategy_type(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The strategy that is run is a script.

    Why: the arena starts `./test.sh` without a network, so a judge that is a model cannot be asked. How: write checks
    that a program can make, and start them from test.sh. Example: `type: script` and `command: ./test.sh`.
    """
    verifier = _verifier(draft)
    name = _default_of(verifier) if verifier else None
    strategy = verifier.strategies.get(name) if verifier and name else None
    if strategy is not None and strategy.type != "script":
        what = f"the strategy {shown(name)!r} is of type {strategy.type}, which the arena does not run"
        how = "write type: script and command: ./test.sh, and let test.sh score the trial by itself"
        yield draft.verifier.spot("verifier", "strategies", str(name), "type", what=what, how=how)


def strategy_unused(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Every strategy is run.

    Why: the arena runs the default strategy alone, and a rubric that counts on another one counts nothing. How:
    remove it if the score does not need it. Example: one strategy, `pytest`.
    """
    verifier = _verifier(draft)
    name = _default_of(verifier) if verifier else None
    for other, strategy in verifier.strategies.items() if verifier and name else ():
        if other != name and strategy.type != "script":
            what = f"the strategy {shown(other)!r} of type {strategy.type} is read and never run"
            how = "remove it, or make sure that test.sh scores everything by itself"
            yield draft.verifier.spot("verifier", "strategies", other, what=what, how=how)


def strategy_command(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """A script strategy has a command, and it is ./test.sh.

    Why: it is the one entry point that the runner starts. How: write that command and call others
    from there. Example: `command: ./test.sh`.
    """
    verifier = _verifier(draft)
    for name, strategy in verifier.strategies.items() if verifier else ():
        place = ("verifier", "strategies", name, "command")
        if strategy.type != "script":
            continue
        if strategy.command is None:
            what = f"the strategy {shown(name)!r} has no command"
            yield draft.verifier.spot(*place, what=what, how="add command: ./test.sh")
        elif not _COMMAND.fullmatch(strategy.command.strip()):
            what = f"the command {shown(strategy.command)!r} is not ./test.sh"
            yield draft.verifier.spot(*place, what=what, how="write command: ./test.sh and call the rest from there")


def rubric_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """verifier.md has a rubric.

    Why: it says what the reward measures, and a reviewer compares the checks with it. How: name the dimensions with
    their weights. Example: `rubric: {combine: weighted_sum, dimensions: {correctness: {weight: 1.0, source: pytest}}}`.
    """
    verifier = _verifier(draft)
    if verifier is not None and verifier.rubric is None:
        how = "add rubric: with combine: weighted_sum and a dimension of weight 1.0; the template has one"
        yield draft.verifier.spot("verifier", what="the rubric is missing", how=how)


def rubric_weights(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """With combine weighted_sum the weights add up to 1.

    Why: a reward lies in [0, 1]. How: mend the weights, or take the mean. Example:
    `combine: weighted_mean`.
    """
    verifier = _verifier(draft)
    if verifier is None or verifier.rubric is None or verifier.rubric.combine != "weighted_sum":
        return
    dimensions = verifier.rubric.dimensions
    total = sum(dimension.weight for dimension in dimensions.values())
    if abs(total - 1) <= 1e-6:
        return
    what, how = f"the weights add up to {total:.7g}, not to 1", "make them add up to 1, or write combine: weighted_mean"
    only = (*dimensions, "weight") if len(dimensions) == 1 else ()
    if only:
        what, how = f"the only weight is {total:.7g}, not 1", "write weight: 1"
    yield draft.verifier.spot("verifier", "rubric", "dimensions", *only, what=what, how=how)


def rubric_source(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The source of a dimension is the name of a strategy, or free text that cannot be taken for one.

    Why: a misspelt name looks like a check that exists. How: write the name of the strategy. Example:
    `source: pytest`.
    """
    verifier = _verifier(draft)
    for name, dimension in verifier.rubric.dimensions.items() if verifier and verifier.rubric else ():
        source = dimension.source.strip()
        close = difflib.get_close_matches(source.lower()[:100], verifier.strategies, n=1, cutoff=_NEAR_SOURCE)  # type: ignore[union-attr]
        if close and source not in verifier.strategies:  # type: ignore[union-attr]
            what = f"the source {shown(source)!r} is not a strategy{offer(shown(close[0]))}"
            place = ("verifier", "rubric", "dimensions", name, "source")
            yield draft.verifier.spot(*place, what=what, how=f"write source: {shown(close[0])}, or say it in words")


def outputs_path(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The reward is written where the runner looks for it.

    Why: a reward elsewhere is no reward. How: leave the outputs out, or write the two paths that the message names;
    details_json lies in /logs/verifier/ as well. Example: `reward_text: /logs/verifier/reward.txt`.
    """
    if (verifier := _verifier(draft)) is None:
        return
    for key, path in OUTPUTS.items():
        if getattr(verifier.outputs, key) != path:
            what = f"{key} is {shown(getattr(verifier.outputs, key))}, not {path}"
            yield draft.verifier.spot("verifier", "outputs", key, what=what, how=f"write {key}: {path}")
    details = verifier.outputs.details_json
    if not details.startswith("/logs/verifier/") or ".." in details or details in OUTPUTS.values():
        what = f"details_json {shown(details)!r} is no file of its own in /logs/verifier/"
        how = "write details_json: /logs/verifier/ctrf.json"
        yield draft.verifier.spot("verifier", "outputs", "details_json", what=what, how=how)


def reviewer_missing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Below its settings verifier.md tells a reviewer what a passing trial looks like, under `## role:reviewer`.

    Why: people compare the checks with it, and judge by it what the checks cannot. How: say it in plain words below
    that heading. Example: `## role:reviewer`, then `The file holds the number of lines of the poem.`
    """
    markdown = draft.verifier.markdown
    if markdown is None or markdown.front is None:
        return
    how = "write '## role:reviewer' below the settings and under it what a passing trial looks like"
    roles = [heading for heading in markdown.headings if heading.depth == 2 and _ROLE.fullmatch(heading.title)]
    near = [heading for heading in markdown.headings if _NEAR_ROLE.fullmatch(heading.title.strip()[:80])]
    if any(markdown.section(heading.title) for heading in roles[:20]):
        return
    if roles:
        what = f"the section '## {shown(roles[0].title)}' is empty"
        yield Spot(path=VERIFIER, line=roles[0].line, column=1, what=what, how="write below it what a pass looks like")
    elif near:
        heading = "#" * near[0].depth + " " + near[0].title
        what = f"the heading {shown(heading)!r} is not read as '## role:reviewer'"
        yield Spot(path=VERIFIER, line=near[0].line, column=1, what=what, how="write '## role:reviewer'")
    else:
        yield Spot(path=VERIFIER, what="the section '## role:reviewer' is missing", how=how)


RULES: tuple[Rule, ...] = (
    judged("document-version", "error", document_version),
    judged("default-strategy", "error", default_strategy),
    judged("strategy-type", "error", strategy_type),
    judged("strategy-unused", "warning", strategy_unused),
    judged("strategy-command", "error", strategy_command),
    judged("rubric-missing", "warning", rubric_missing),
    judged("rubric-weights", "error", rubric_weights),
    judged("rubric-source", "note", rubric_source),
    judged("outputs-path", "error", outputs_path),
    judged("reviewer-missing", "warning", reviewer_missing),
)
