"""Rules about what the agent could find of the verifier and the oracle."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import islice

from posttrain_arena.core.check.draft import DOCKERFILE, ORACLE, TASK, Draft
from posttrain_arena.core.check.near_copies import CONTAINED, LONG_TEXT_CHARS, MAX_NEAR_BYTES, Secret, shingles
from posttrain_arena.core.check.rules.image_copy import solution_in_image
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.core.check.verifier_walk import scripts_of
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

_CODE = re.compile(r"\.(sh|bash|py|js|ts|rb|pl|r|go|rs|c|cc|cpp|h|java|kt|lua|php|sql|jq|awk|patch|diff|ipynb)$", re.I)
_ROWS = (".csv", ".tsv", ".jsonl", ".log")
"""Files of rows, which hold no code; exact copies of the verifier's are found whatever their name."""

_ANSWER_NAME = re.compile(
    r"(?:^|[-_. ])(expected|answers?|solutions?|golden|ground[-_ ]?truth|oracle)(?=[-_. ]|$)", re.I
)
_SECRET_NAME = re.compile(r"(?:solve|oracle_solve|test_outputs?)\.(?:sh|py)")
_OWN_NAMES = re.compile(
    r"(solve|solution|test_outputs?|oracle|answer|expected|golden|verif|grade|check|judge|score)", re.I
)
_COMMAND_NOISE = re.compile(r"(?:set|exit|cd|echo|mkdir|then|else|do)\b.*|[\s{}()]*")
_OF_ORACLE = re.compile(r"solution|solve|oracle|test_outputs?", re.I)
_OR_RENAME = "or name it for what it is if it is no answer"
MAX_ANSWER_BYTES = 65_536
LEAST_ANSWER_CHARS = 16
"""Of an answer without white space; a shorter one stands in many files by chance."""

LEAST_COMMANDS = 3
MAX_SECRETS = 30
MAX_LOOKED_AT_BYTES = 8_000_000
"""Of environment/ per package; exact copies are found beyond it."""


def solution_nearly_in_image(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """No file of environment/ is a changed copy of the oracle or of the verifier's code.

    Why: what lies in environment/ can reach the agent, and other names or comments hide nothing. How: remove it; what
    the verifier needs belongs into verifier/. A file that the oracle mends is no copy. Example: no
    `environment/tools/helper.py` that holds most of `oracle/solve.py`.
    """
    names = [name for name in _looked_at(draft) if not name.endswith(_ROWS)]
    secrets = list(_secrets(draft)) if names else []
    for name in names if secrets else ():
        text = draft.lenient(name)
        lowered = text.lower()
        near = secrets
        if len(text) > LONG_TEXT_CHARS:
            near = [secret for secret in secrets if secret.shares_words(lowered)]
        squeezed = "".join(lowered.split()) if near else ""
        near = [secret for secret in near if secret.shares_a_line(squeezed) and not _is_worked_on(name, secret, draft)]
        own = shingles(text) if near else frozenset()
        for secret in near:
            if (share := secret.contained_in(own)) >= CONTAINED:
                what = f"holds {share:.0%} of {shown(secret.name)}: the agent could read it"
                yield Spot(path=name, what=what, how=f"remove what comes from {shown(secret.name)}")
                break


def _secrets(draft: Draft) -> Iterator[Secret]:
    names = [name for name in draft.listing.files("oracle/") if _CODE.search(name)]
    names += [name for name in draft.listing.files("verifier/") if _CODE.search(name) and "/data/" not in name]
    for name in names[:MAX_SECRETS]:
        yield Secret(name, draft.lenient(name))


def _looked_at(draft: Draft) -> Iterator[str]:
    hashes = draft.contents.hashes
    secret = {hashes[name] for name in hashes if name.startswith(("oracle/", "verifier/"))}
    room = MAX_LOOKED_AT_BYTES
    for name in draft.listing.files("environment/"):
        size = draft.listing.entries[name].size
        if name != DOCKERFILE and size <= min(MAX_NEAR_BYTES, room) and hashes.get(name) not in secret:
            room -= size
            yield name


def _is_worked_on(name: str, secret: Secret, draft: Draft) -> bool:
    """Say whether a file is one that the solution changes or the verifier tests: then the two are alike by nature."""
    base = posixpath.basename(name)
    if _SECRET_NAME.fullmatch(base):
        return False
    if base == posixpath.basename(secret.name):
        return not _OWN_NAMES.match(base)
    return base in secret.text or base in draft.text(TASK)


def answer_named_file(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """No file of environment/ is named like an answer.

    Why: a file called expected, answer, solution or golden is the first that an agent opens. How: remove it, or name
    it for what it is if it is no answer. Example: `verifier/expected.json` in place of `environment/expected.json`.
    """
    files = {name: posixpath.basename(name) for name in draft.listing.files("environment/")}
    named = [name for name, base in files.items() if _ANSWER_NAME.search(base) or _SECRET_NAME.fullmatch(base)]
    copies = {spot.path for judge in COPIES for spot in judge(draft, competition)} if named else set()
    for name in named:
        if name not in copies:  # the error about what is in it says what to do
            what = "is named like an answer, and the agent could read it"
            how = "move it to verifier/ or oracle/"
            yield Spot(path=name, what=what, how=how if _OF_ORACLE.search(files[name]) else f"{how}, {_OR_RENAME}")


def answer_in_image(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """No file of environment/ holds the whole content of an answer file.

    Why: the answer can be copied. How: remove it; seed data that both sides read is fine under a name of its own.
    Example: no line of `environment/notes.txt` that repeats `verifier/expected.txt`.
    """
    answers = list(islice(_answers(draft), MAX_SECRETS))
    for name in _looked_at_with_dockerfile(draft) if answers else ():
        plain = "".join(draft.lenient(name).split())
        for answer, content in answers:
            if content in plain:
                what = f"holds the whole content of {shown(answer)}: the agent could read it"
                yield Spot(path=name, what=what, how=f"remove what comes from {shown(answer)}")
                break


def _answers(draft: Draft) -> Iterator[tuple[str, str]]:
    for name in [*draft.listing.files("verifier/"), *draft.listing.files("oracle/")]:
        size = draft.listing.entries[name].size
        if size <= MAX_ANSWER_BYTES and _ANSWER_NAME.search(posixpath.basename(name)) and not _CODE.search(name):
            content = "".join(draft.lenient(name).split())
            if len(content) >= LEAST_ANSWER_CHARS and not name.endswith(".md"):
                yield name, content


def _looked_at_with_dockerfile(draft: Draft) -> Iterator[str]:
    yield from (name for name in (DOCKERFILE,) if draft.listing.is_file(name))
    yield from _looked_at(draft)


def solution_in_prompt(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The prompt does not hold the oracle's commands.

    Why: what can be copied is not worked out. How: say what is wanted, not how it is done. Example: `Write the number
    of lines to /root/count.txt` in place of the `wc` that does it.
    """
    prompt = draft.task.markdown.section("prompt") if draft.task.markdown else None
    if not prompt:
        return
    told = {" ".join(line.strip().lstrip("$>` ").rstrip("`").split()): line for line in prompt.split("\n")}
    run: list[str] = []
    for plain in _commands_of_oracle(draft):
        run = [*run, plain] if plain in told else []
        if len(run) == LEAST_COMMANDS:
            lines = enumerate(draft.text(TASK).split("\n"), 1)
            at = next((number for number, text in lines if text == told[run[0]]), None)
            what = f"the prompt holds {LEAST_COMMANDS} commands of oracle/solve.sh one after the other"
            yield Spot(path=TASK, line=at, what=what, how="say what is wanted, and leave the way to the agent")
            return


def _commands_of_oracle(draft: Draft) -> Iterator[str]:
    lines = draft.text(ORACLE).split("\n")
    numbers = dict.fromkeys(call.line for call in scripts_of(draft).oracle.calls if call.script == ORACLE)
    for number in sorted(numbers):
        plain = " ".join(lines[number - 1].split()) if number <= len(lines) else ""
        if plain and not _COMMAND_NOISE.fullmatch(plain):
            yield plain


COPIES = (solution_in_image, solution_nearly_in_image, answer_in_image)
"""Rules by which a file is known to hold an answer."""

RULES: tuple[Rule, ...] = (
    judged("solution-nearly-in-image", "error", solution_nearly_in_image, deep=True),
    judged("answer-named-file", "warning", answer_named_file, deep=True),
    judged("answer-in-image", "error", answer_in_image, deep=True),
    judged("solution-in-prompt", "warning", solution_in_prompt, deep=True),
)
