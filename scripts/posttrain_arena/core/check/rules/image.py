"""Rules about a Dockerfile's form."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from posttrain_arena.core.check.build_steps import Place, walk
from posttrain_arena.core.check.dockerfile import INSTRUCTIONS, Instruction, read_dockerfile
from posttrain_arena.core.check.draft import DOCKERFILE, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

_IMAGE = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
    r"(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
_OFFICIAL = frozenset(
    "alpine busybox debian ubuntu fedora python node golang rust ruby php perl openjdk gcc bash nginx httpd redis "  # noqa: SIM905
    "postgres mysql mariadb mongo memcached maven gradle docker haskell julia swift erlang elixir caddy".split()
)
"""Images that people name without a tag; any other plain word after --from is a misspelt stage."""

_NEEDS_ARGUMENTS = INSTRUCTIONS - {"CMD", "ENTRYPOINT"}
_BUILDKIT_FLAGS = {
    "RUN": ("mount", "network", "security"),
    "COPY": ("chmod", "exclude", "link", "parents"),
    "ADD": ("checksum", "chmod", "exclude", "keep-git-dir", "link", "unpack"),
}
_QUOTED_LIST = re.compile(r"\[\s*'")


def dockerfile_from(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """environment/Dockerfile starts with FROM and an image (comments and ARG may come before it).

    Why: without it nothing can be built. How: start with the shared image or another one. Example: `FROM
    posttrain-arena/base:1`.
    """
    if not draft.text(DOCKERFILE).strip():
        return
    steps = read_dockerfile(draft.text(DOCKERFILE))
    first = next((step for step in steps if step.name != "ARG"), None)
    how = "start with: FROM posttrain-arena/base:1"
    if first is None:
        yield Spot(path=DOCKERFILE, what="the Dockerfile has no instruction FROM", how=how)
    elif first.name != "FROM" and first.name in INSTRUCTIONS:
        what = f"the first instruction is {shown(first.name)!r}, not FROM with an image"
        yield Spot(path=DOCKERFILE, line=first.line, what=what, how=how)
    for step, place in walk(steps):
        if step.name == "FROM":
            yield from _wrong_from(step, place)


def _wrong_from(step: Instruction, place: Place) -> Iterator[Spot]:
    words, image = step.words(), place.stages[-1].image
    what, how = "", "write FROM image, or FROM image AS name"
    if not words:
        what = "FROM names no image"
    elif len(words) != 1 and not (len(words) == 3 and words[1].upper() == "AS"):
        what = f"FROM {shown(step.arguments())}: one image, and nothing else but AS with a name"
    elif len(words) == 3 and not re.fullmatch(r"[a-z][a-z0-9_.-]*", words[2].lower()):
        what, how = f"{shown(words[2])!r} cannot name a stage", "start it with a letter; use a-z, 0-9, '-', '_' and '.'"
    elif image == "":
        what = f"FROM {shown(words[0])}: the variable has no value"
        how = "give it one where it is declared, as in ARG BASE=posttrain-arena/base:1"
    elif image is not None and len(image) < 500 and not place.known_stage(image) and not _IMAGE.fullmatch(image):
        what, how = f"{shown(image)!r} is not the name of an image", "write it in lower case, as in ubuntu:24.04"
    if what:
        yield Spot(path=DOCKERFILE, line=step.line, what=what, how=how)


def dockerfile_instruction(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Every line of the Dockerfile belongs to an instruction that Docker knows.

    Why: the build stops at the first that it does not know. How: mend the word; where the line goes on with the one
    before it, end that one with a backslash. Example: `RUN apt-get update \\` and below it `&& apt-get install -y jq`.
    """
    before: Instruction | None = None
    for step in read_dockerfile(draft.text(DOCKERFILE)):
        if step.name not in INSTRUCTIONS and (before is None or before.name in INSTRUCTIONS):
            close = difflib.get_close_matches(step.name[:20], INSTRUCTIONS, n=1, cutoff=0.7)
            what = f"{shown(step.name, 40)!r} is not an instruction" + (f": did you mean {close[0]}?" if close else "")
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how=_mend(before, close))
        before = step


def _mend(before: Instruction | None, close: list[str]) -> str:
    if close:
        return f"write {close[0]}"
    if before is None:
        return "start each line with an instruction, such as FROM, COPY or RUN"
    return f"start it with an instruction, or end the line before with a backslash if it belongs to {before.name}"


def dockerfile_form(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Each instruction of the Dockerfile has the arguments that it needs.

    Why: Docker refuses the whole file otherwise. How: mend the line as the message says. Example: `COPY rows.csv
    /root/`, which has a source and a destination.
    """
    for step in read_dockerfile(draft.text(DOCKERFILE)):
        if step.name in INSTRUCTIONS and step.name != "FROM" and (wrong := _wrong_form(step)):
            yield Spot(path=DOCKERFILE, line=step.line, what=wrong[0], how=wrong[1])


def dockerfile_buildkit(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The Dockerfile does without what BuildKit alone can do: here-documents, RUN --mount, COPY --chmod and --link.

    Why: trials build it through the engine's own builder, which refuses these. How: write the file into environment/
    and COPY it, or run the same commands joined by `&&`. Example: `COPY setup.sh /tmp/` and `RUN bash /tmp/setup.sh`.
    """
    for step in read_dockerfile(draft.text(DOCKERFILE)):
        flag = next((flag for flag in step.flags() if flag in _BUILDKIT_FLAGS.get(step.name, ())), None)
        if flag is not None:
            how = f"do without --{flag}; RUN chmod sets modes" if flag == "chmod" else f"do without --{flag}"
            yield Spot(path=DOCKERFILE, line=step.line, what=f"{step.name} --{flag} needs BuildKit", how=how)
        elif any(heredoc.closed for heredoc in step.heredocs):
            how = "put the text into a file in environment/ and COPY it, or join the commands with &&"
            what = f"the here-document {shown(step.heredocs[0].word, 40)} needs BuildKit"
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how=how)


def _wrong_form(step: Instruction) -> tuple[str, str] | None:
    text, words = step.arguments().strip(), step.words()
    unclosed = next((heredoc for heredoc in step.heredocs if not heredoc.closed), None)
    if unclosed:
        word = shown(unclosed.word, 40)
        return f"the here-document {word} does not end", f"put {word} alone on a line, no blank before or after it"
    if not text and step.name in _NEEDS_ARGUMENTS:
        return f"{step.name} has no argument", f"say after {step.name} what is meant, or remove the line"
    if step.name in ("COPY", "ADD"):
        return _wrong_copy(step, words)
    if step.name == "ENV":
        return _wrong_env(text)
    if step.name == "SHELL" and step.json_form() is None:
        return "SHELL takes a list of words", 'write it as SHELL ["/bin/bash", "-c"]'
    if step.name == "RUN" and _QUOTED_LIST.match(text):
        return (
            "a list of words needs double quotes: this is run as a command named [",
            'write it as RUN ["word", "word"]',
        )
    return None


def _wrong_copy(step: Instruction, words: list[str]) -> tuple[str, str] | None:
    if len(words) < 2:
        return f"{step.name} has a source and no destination", f"write {step.name} source destination"
    if len(words) > 2 and not words[-1].endswith(("/", ".", '/"', "/'")) and "$" not in words[-1]:
        what = f"{step.name} of several files to {shown(words[-1])}, which does not end with '/'"
        return what, f"write the destination as a folder: {shown(words[-1])}/"
    return None


def _wrong_env(text: str) -> tuple[str, str] | None:
    first, _, rest = text.partition(" ")
    if "=" not in first:
        return None if rest.strip() else (f"ENV {shown(text)} has no value", "write ENV NAME=value")
    if "`" in text:  # the file may have chosen it as its escape
        return None
    outside = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|\\.", "x", text)
    stray = next((word for word in outside.split() if "=" not in word), None)
    if stray:
        return f"in ENV the word {shown(stray)!r} has no '='", 'write NAME="value with blanks"'
    return None


def stage_unknown(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """What `--from` names is a stage above, or an image.

    Why: Docker takes an unknown name for an image and looks for it on the network. How: name a stage as its FROM does,
    or write the image with its tag. Example: `COPY --from=build /app/tool /usr/local/bin/`.
    """
    for step, place in walk(read_dockerfile(draft.text(DOCKERFILE))):
        source = step.flags().get("from") if step.name in ("COPY", "ADD") else _mounted(step)
        wanted = place.expand(source) if source else None
        if wanted and not place.known_stage(wanted) and _no_image(wanted):
            names = sorted(stage.name or str(stage.index) for stage in place.stages[:-1])
            what = f"--from={shown(wanted)}: no stage above has this name"
            close = difflib.get_close_matches(wanted.lower(), names, n=1)
            what += f": did you mean {shown(close[0])}?" if close else ""
            said = (
                f"write one of: {', '.join(shown(name) for name in names[:20])}" if names else "there is no stage above"
            )
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how=f"{said}; an image is written with its tag")


def _mounted(step: Instruction) -> str | None:
    mount = step.flags().get("mount", "") if step.name == "RUN" else ""
    return next((part[5:] for part in mount.split(",") if part.startswith("from=")), None)


def _no_image(name: str) -> bool:
    return name.isdigit() or not (re.search(r"[/:@.]", name) or name in _OFFICIAL)


RULES: tuple[Rule, ...] = (
    judged("dockerfile-from", "error", dockerfile_from, deep=True),
    judged("dockerfile-instruction", "error", dockerfile_instruction, deep=True),
    judged("dockerfile-form", "error", dockerfile_form, deep=True),
    judged("dockerfile-buildkit", "warning", dockerfile_buildkit, deep=True),
    judged("stage-unknown", "error", stage_unknown, deep=True),
)
