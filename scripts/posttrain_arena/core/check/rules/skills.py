"""Rules about a skill: its name, what it says of itself, and the files that it speaks of."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

from posttrain_arena.core.check.entries.fences import page_lines
from posttrain_arena.core.check.entries.part import Part, PartJudge, is_script
from posttrain_arena.core.check.names import is_slug, meant, offer
from posttrain_arena.core.check.rules import skill_text
from posttrain_arena.core.check.rules.rule import Rule, told
from posttrain_arena.core.check.rules.skill_network import skill_network
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.finding import Severity
from posttrain_arena.model.shown import shown
from posttrain_arena.model.skill import Skill

KEYS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
_IN_THE_WILD = {"tags", "version", "author", "model", "hooks", "agent", "context", "category", "argument-hint"}
MIN_DESCRIPTION_CHARS = 20
MAX_LINES = 500
"""The specification's advice: all of a SKILL.md is read each time the skill is used."""

MAX_PAGE_CHARS = 20_000
"""What the reference agent is shown of one command's output: about the 5000 tokens that the specification advises."""

_WHEN = re.compile(r"\b(when|whenever|if|use|used|using|for|before|after|while|during|to help|helps)\b", re.IGNORECASE)
_LINK = re.compile(r"\]\(<?([^()<>\s]{1,300})")
_MENTION = re.compile(r"(?<![\w./}~-])(?:\./)?((?:scripts|references|assets)/[\w./-]{0,200}\.\w{1,8})(?![\w/*<{])")
_CALL = re.compile(r"\s*(?:\$ )?(?:\./)?(scripts/[\w./-]{1,200})(?=\s|$)")


def skill_name(part: Part[Skill]) -> Iterator[Spot]:
    """A skill has the name of its folder.

    Why: an agent looks a skill up by its folder and shows it by its name. How: give both the same name. Example: `name:
    read-auth-logs` in `skills/read-auth-logs/SKILL.md`.
    """
    if part.value is not None and part.value.name != part.name:
        what = f"the name is {shown(part.value.name)!r}, the folder's is {shown(part.name)!r}"
        how = f"write name: {part.name}" if is_slug(part.name) else f"rename the folder to {part.value.name}"
        yield part.spot("name", what=what, how=how)


def skill_key_unknown(part: Part[Skill]) -> Iterator[Spot]:
    """The front matter of a SKILL.md has the keys of the specification.

    Why: an agent does not read others, and a misspelt one is lost. How: use the key that the message offers, or put
    your own below `metadata:`. Example: `metadata: {version: "1.0"}` in place of `version: 1.0`.
    """
    for key in part.front.value if part.front else ():
        if key not in KEYS:
            plain = key[:100].lower().replace("_", "-")
            close = None if plain in _IN_THE_WILD else meant(plain, KEYS)
            how = f"rename it to '{close}'" if close else "move it below metadata:, or remove it"
            yield part.spot(key, what=f"the key {shown(key)!r} is not read{offer(close)}", how=how)


def skill_description(part: Part[Skill]) -> Iterator[Spot]:
    """The description says what the skill does.

    Why: it is all that an agent reads before it decides to open the skill. How: write a sentence or two. Example:
    `description: Finds break-ins in SSH logs. Use when a task asks who logged in, or from where.`
    """
    text = part.value.description.strip() if part.value else None
    if text is not None and (len(text) < MIN_DESCRIPTION_CHARS or len(text.split()) < 3):
        what = "the description is blank" if not text else f"the description {shown(text)!r} says too little"
        how = "say in a sentence or two what the skill does and when to use it"
        yield part.spot("description", what=what, how=how)


def skill_when(part: Part[Skill]) -> Iterator[Spot]:
    """The description says when to use the skill.

    Why: an agent compares it with its task. How: add a sentence that starts with "Use when". Example: `Use when a task
    asks who logged in, or from where.`
    """
    text = part.value.description if part.value else ""
    if text.isascii() and len(text.strip()) >= MIN_DESCRIPTION_CHARS and not _WHEN.search(text):
        how = "add a sentence such as: Use when …"
        yield part.spot("description", what="the description does not say when to use the skill", how=how)


def skill_metadata(part: Part[Skill]) -> Iterator[Spot]:
    """metadata holds text, and allowed-tools is text.

    Why: the specification knows no other values, and `1.10` becomes 1.1 as a number. How: put values into quotes, and
    tools on one line with spaces between. Example: `allowed-tools: Read Bash`.
    """
    if part.value is None:
        return
    for key, value in part.value.metadata.items():
        if not isinstance(value, str):
            what = f"metadata.{shown(key)} is not text"
            yield part.spot("metadata", key, what=what, how="put the value into quotes")
    if not isinstance(part.value.allowed_tools, str):
        how = f"write allowed-tools: {shown(' '.join(part.value.allowed_tools))}"
        yield part.spot("allowed-tools", what="allowed-tools is a list, the specification has text", how=how)


def skill_body(part: Part[Skill]) -> Iterator[Spot]:
    """A SKILL.md teaches something below its front matter.

    Why: the front matter alone is only a promise. How: write the steps, the commands and the traps. Example: `Count
    failed logins per address first; more than ten in a minute is a scan.`
    """
    if part.front is not None and not any(line.strip() for _, line in part.body):
        how = "write below the front matter what an agent should know"
        yield Spot(path=part.main, line=1, what="the skill is empty below its front matter", how=how)


def skill_length(part: Part[Skill]) -> Iterator[Spot]:
    """A SKILL.md has at most 500 lines.

    Why: all of it is read each time the skill is used. How: move details into files in references/, and say when to
    read them. Example: `See references/log-formats.md for other distributions.`
    """
    lines = len("\n".join(line for _, line in part.body).rstrip().split("\n"))
    if lines > MAX_LINES:
        what = f"{lines} lines, more than {MAX_LINES}"
        yield Spot(path=part.main, what=what, how="move details into files in references/")


def skill_cut(part: Part[Skill]) -> Iterator[Spot]:
    """A SKILL.md has at most 20,000 characters.

    Why: the reference agent is shown so much of one command's output, and of a longer page head and tail without what
    stands between. How: move details into files in references/, and say when to read them. Example: `See
    references/log-formats.md for other distributions.`
    """
    chars = len(part.texts.get(part.main, "").rstrip())
    if chars > MAX_PAGE_CHARS:
        what = f"{chars} characters, more than {MAX_PAGE_CHARS}: an agent is shown head and tail"
        yield Spot(path=part.main, what=what, how="move details into files in references/")


def skill_reference(part: Part[Skill]) -> Iterator[Spot]:
    """Files of the skill that its SKILL.md speaks of are there.

    Why: an agent that follows a lost reference loses its turn. How: add the file, or mend the path, which starts at the
    skill's folder. Example: `references/log-formats.md`.
    """
    seen: set[str] = set()
    for number, line, in_fence in _lines(part):
        names = [] if in_fence else [unquote(link.partition("#")[0]) for link in _LINK.findall(line)]
        for name in [*names, *_MENTION.findall(line)]:
            plain = posixpath.normpath(name) if name else "."
            if plain in seen or not _is_own(name) or plain in part.listing.entries or plain == ".":
                continue
            seen.add(plain)
            leaves = plain.startswith("..")
            what = f"{shown(name)!r} {'lies outside the skill' if leaves else 'is not in the skill'}"
            how = "put a copy into the skill" if leaves else f"add the file{_offered(plain, part)}"
            yield Spot(path=part.main, line=number, column=line.find(name) + 1 or None, what=what, how=how)


def skill_script(part: Part[Skill]) -> Iterator[Spot]:
    """A script that is started by its path is executable and starts with `#!`.

    Why: otherwise starting it fails, and an agent loses its turn. How: `chmod +x` and a first line, or call it
    through its interpreter. Example: `python3 scripts/parse.py access.log`.
    """
    called: dict[str, int] = {}
    for number, line, in_fence in _lines(part):
        if in_fence and (match := _CALL.match(line)):
            called.setdefault(posixpath.normpath(match[1]), number)
    for name, number in called.items():
        if part.listing.is_file(name) and not part.listing.entries[name].mode & 0o111:
            how = f"chmod +x {shown(name)}, or call it through its interpreter"
            yield Spot(path=part.main, line=number, what=f"{shown(name)} is started and not executable", how=how)
    for name, text in part.texts.items():
        executable = part.listing.is_file(name) and part.listing.entries[name].mode & 0o111
        if is_script(name, text) and (executable or name in called) and not text.startswith("#!"):
            how = "start it with the line that names its interpreter, such as #!/usr/bin/env python3"
            yield Spot(path=name, line=1, what="a script to start whose first line is not '#!…'", how=how)


def _is_own(name: str) -> bool:
    """Say whether a link is to a file: no address, no anchor, no path of the machine."""
    return bool(name) and not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|[/#~$]", name) and "{" not in name and "*" not in name


def _offered(plain: str, part: Part[Skill]) -> str:
    same = [name for name in part.listing.files() if posixpath.basename(name) == posixpath.basename(plain)]
    close = same[0] if same else meant(plain, islice(part.listing.files(), 200), cutoff=0.85)
    return f", or write {shown(close)}" if close else ", or mend the path"


def _lines(part: Part[Skill]) -> Iterator[tuple[int, str, bool]]:
    """Yield the lines of the body with their numbers, and whether they are in a block of code."""
    return ((line.number, line.text, line.language is not None) for line in page_lines(part.body))


_JUDGED: tuple[tuple[str, Severity, PartJudge[Skill]], ...] = (
    ("skill-name", "error", skill_name),
    ("skill-key-unknown", "warning", skill_key_unknown),
    ("skill-description", "warning", skill_description),
    ("skill-when", "note", skill_when),
    ("skill-metadata", "warning", skill_metadata),
    ("skill-body", "error", skill_body),
    ("skill-length", "note", skill_length),
    ("skill-cut", "warning", skill_cut),
    ("skill-reference", "warning", skill_reference),
    ("skill-script", "warning", skill_script),
    *skill_text.TEXT_JUDGED,
    ("skill-network", "warning", skill_network),
    *skill_text.JUDGED,
)
JUDGES = tuple((told(id, severity, judge.__doc__ or ""), judge) for id, severity, judge in _JUDGED)
"""The rules that a skill is judged by alone, in order."""

RULES: tuple[Rule, ...] = (
    told(
        "skill-file",
        "error",
        """A skill is a folder with a SKILL.md, a regular file.

        Why: an agent finds a skill by it. How: add it, with name and description. Example:
        `skills/read-logs/SKILL.md`.
        """,
    ),
    *(rule for rule, _ in JUDGES),
    told(
        "skill-name-twice",
        "error",
        """No two skills of an entry have one name.

        Why: an agent sees only one of them. How: rename one, and its folder. Example: `read-auth-logs` and
        `read-web-logs`.
        """,
    ),
    told(
        "skill-catalogue",
        "warning",
        """Names and descriptions of an entry's skills have at most 500 characters on average.

        Why: the agent is told all of them with every task, and its context must hold the task too. How: say in one or
        two sentences what each skill does and when to use it. Example: "Finds break-ins in SSH logs. Use when a task
        asks who logged in."
        """,
    ),
    told(
        "skill-suite",
        "error",
        """A skill repeats no task of the public sample.

        Why: the agent is measured on the sample with the skills and without, and an answer that a skill brings along
        measures nothing. How: teach how such work is done, and leave the task out. Example: a reference page with the
        expected output of a sample task.
        """,
    ),
    told(
        "skill-duplicate",
        "error",
        """No two skills of an entry say the same.

        Why: an entry is measured by different skills. How: remove one. Names, white space and letter case make no
        difference. Example: keep `read-auth-logs`, remove `read-auth-logs-2`.
        """,
    ),
)
