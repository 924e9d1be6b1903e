"""Rules about the packages that a build installs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.build_steps import Place, walk
from posttrain_arena.core.check.dockerfile import Instruction, read_dockerfile
from posttrain_arena.core.check.draft import DOCKERFILE, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.simple_commands import Command, simple_commands
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

_WITH_VALUE = frozenset(
    "-r -c -e -t -i -f --requirement --constraint --editable --target --index-url --extra-index-url --find-links "  # noqa: SIM905
    "--prefix --root --python --platform --trusted-host --only-binary --no-binary --timeout".split()
)
_BARE_PACKAGE = re.compile(r"[A-Za-z][\w.-]*(?:\[[\w,.-]*\])?")
_OWN_TOOLS = frozenset({"pip", "setuptools", "wheel", "uv"})
_APT = frozenset({"apt-get", "apt", "aptitude"})
_MAY_UPDATE = re.compile(r"(?:ba|da|z|a|k)?sh|source|\.|eval|make|add-apt-repository|apt-add-repository|.+\.(?:sh|py)")
"""Commands that fetch the lists themselves, or run a script that may."""

MAX_TOLD = 10


def packages_unpinned(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """pip installs fixed versions.

    Why: a new release of a library changes results months later. How: write `name==version`. Example: `RUN pip install
    numpy==2.2.6`.
    """
    for step in read_dockerfile(draft.text(DOCKERFILE)):
        text = step.command() if step.name == "RUN" else ""
        for command in simple_commands(text) if "pip" in text else ():
            loose = [word for word in _installed(command.words) if word.lower() not in _OWN_TOOLS]
            if loose:
                names = ", ".join(shown(word, 40) for word in loose[:MAX_TOLD])
                how = f"write the version that you tried: {shown(loose[0], 40)}==…"
                yield Spot(path=DOCKERFILE, line=step.line, what=f"pip installs any version of {names}", how=how)


def _installed(words: tuple[str, ...]) -> Iterator[str]:
    calls = ("pip",), ("pip3",), ("uv", "pip"), ("python", "-m", "pip"), ("python3", "-m", "pip")
    call = next((call for call in calls if (words[0].rpartition("/")[2], *words[1 : len(call)]) == call), None)
    rest = words[len(call) :] if call else ()
    if "install" not in rest:
        return
    before = ""
    for word in rest[rest.index("install") + 1 :]:
        if _BARE_PACKAGE.fullmatch(word) and before not in _WITH_VALUE and not word.endswith((".whl", ".txt", ".gz")):
            yield word
        before = word


def apt_without_update(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Before apt-get installs packages, an apt-get update fetches the lists of what there is.

    Why: images come without these lists, and without them no package is found. How: write both into one RUN, so that
    the lists are never older than the packages. Example: `RUN apt-get update && apt-get install -y jq`.
    """
    ready: set[int] = set()
    steps = read_dockerfile(draft.text(DOCKERFILE)) if "apt" in draft.text(DOCKERFILE) else ()
    for step, place in walk(steps):
        if step.name == "FROM" and _starts_ready(place, ready):
            ready.add(len(place.stages) - 1)
        elif step.name == "RUN" and place.stages and place.stages[-1].index not in ready:
            does = _first_of_apt(step)
            if does:
                ready.add(place.stages[-1].index)
            if does == "install":
                what = "apt-get install without an apt-get update before it: the image has no lists of packages"
                how = "write RUN apt-get update && apt-get install -y …"
                yield Spot(path=DOCKERFILE, line=step.line, what=what, how=how)


def _starts_ready(place: Place, ready: set[int]) -> bool:
    """Say whether the stage that begins starts from one that has the lists, or from what nobody knows."""
    image = place.stages[-1].image
    if image is None:
        return True
    above = int(image) if image.isdecimal() and len(image) < 9 else place.names.get(image.lower())
    return above in ready


def _first_of_apt(step: Instruction) -> str:
    """Return what a RUN does first: update, install, or "" for neither."""
    if "apt" in step.flags().get("mount", ""):
        return "update"
    for command in simple_commands(step.command()):
        name = command.words[0].rpartition("/")[2]
        script = _MAY_UPDATE.fullmatch(name) or ("/" in command.words[0] and name not in _APT)
        if script or (name in _APT and "update" in command.words):
            return "update"
        if name in _APT and _from_lists(command):
            return "install"
    return ""


def _from_lists(command: Command) -> bool:
    words = command.words
    named = words[words.index("install") + 1 :] if "install" in words else ()
    return any(re.match(r"[a-z0-9$]", word) and not word.endswith(".deb") for word in named)


RULES: tuple[Rule, ...] = (
    judged("packages-unpinned", "note", packages_unpinned, deep=True),
    judged("apt-without-update", "note", apt_without_update, deep=True),
)
