"""Rules about what a build downloads, runs and leaves in the image, and what a trial then makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.build_steps import pairs, walk
from posttrain_arena.core.check.dockerfile import Instruction, read_dockerfile
from posttrain_arena.core.check.draft import DOCKERFILE, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.secret_text import find_secrets, is_dummy, names_secret
from posttrain_arena.core.check.simple_commands import Command, simple_commands
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

_URL = re.compile(r"(?:https?|ftp)://|git@")
_COMMIT = re.compile(r"#[0-9a-f]{40}")
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ash", "python", "python3", "perl", "node"})
_FETCHED = re.compile(r"\b(?:(?:ba|z|da|a)?sh|eval|source)\b[^;&|\n]{0,60}?(?:<\(|\$\(|`)\s*(?:curl|wget)\b")
_ELSEWHERE = re.compile(r"(?:\.\.|)/(?:oracle|verifier)(?:/\S*)?")
_HARMLESS = frozenset({"mkdir", "chmod", "chown", "touch", "rm", "echo", "printf", "ls", "test", "[", "install", "ln"})
_IDLE = re.compile(r"(?:/(?:usr/)?bin/)?(?:ba|da|z|a)?sh|(?:/(?:usr/)?bin/)?(?:sleep|tail|cat|true|python3?|env)")
_NO_BASH = re.compile(r"(?:^|/)(?:alpine|busybox|scratch)(?:[:@]|$)|[:-]alpine|distroless")
_FILLS = ("RUN", "COPY", "ADD")


def add_download(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """ADD of a URL says which bytes it wants, by `--checksum` or by a commit.

    Why: what lies behind a URL changes or goes away, and the task with it. How: put the file into environment/, or add
    its checksum. Example: `ADD --checksum=sha256:… https://example.org/rows.csv /srv/`.
    """
    for step in read_dockerfile(draft.text(DOCKERFILE)):
        sources = step.words()[:-1] if step.name == "ADD" and "checksum" not in step.flags() else []
        for source in sources:
            if _URL.match(source) and not _COMMIT.search(source):
                what = f"ADD {shown(source)}: what will lie there at the next build is not known"
                how = "put the file into environment/ and copy it, or add --checksum=sha256:…"
                yield Spot(path=DOCKERFILE, line=step.line, what=what, how=how)


def download_run(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """No script is run straight from the network.

    Why: it can be another one tomorrow, and then the image is another one. How: install a pinned package, or put the
    script into environment/. Example: `COPY install.sh /tmp/` and `RUN bash /tmp/install.sh`.
    """
    for line, text in _run_texts(draft):
        if ("curl" in text or "wget" in text) and (_FETCHED.search(text) or _pipes_download(text)):
            how = "install a package of a fixed version instead, or put the script into environment/"
            yield Spot(path=DOCKERFILE, line=line, what="what a download brings is run at once", how=how)


def _pipes_download(text: str) -> bool:
    loading = False
    for command in simple_commands(text):
        if command.piped and loading and command.words[0].rpartition("/")[2] in _SHELLS:
            return True
        loading = command.words[0] in ("curl", "wget") or (command.piped and loading)
    return False


def run_outside(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """No RUN reads oracle/ or verifier/.

    Why: a build sees environment/ alone, and neither folder may get into the image. How: keep what the image needs in
    environment/; the arena puts /oracle and /verifier in place later. Example: `COPY data/ /srv/data/`.
    """
    steps = read_dockerfile(draft.text(DOCKERFILE))
    if any(step.name in ("COPY", "ADD") and _ELSEWHERE.match((step.words() or [""])[-1]) for step in steps):
        return
    for line, text in _run_texts(draft):
        for command in simple_commands(text) if "oracle" in text or "verifier" in text else ():
            named = next((word for word in _read_words(command) if _ELSEWHERE.fullmatch(word)), None)
            if named:
                what = f"{shown(command.words[0])} reads {shown(named)}, which is not there when the image is built"
                yield Spot(path=DOCKERFILE, line=line, what=what, how="copy what is needed from environment/ instead")
                break


def _read_words(command: Command) -> Iterator[str]:
    if command.words[0] in _HARMLESS:
        return
    for before, word in zip(("", *command.words), command.words, strict=False):
        if not re.search(r"[<>]", word) and not before.endswith(">"):
            yield word


def base_unpinned(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """FROM names a version of its image.

    Why: `latest` is another image every month, and a task that was solvable may no longer be. How: write a tag or a
    digest. Example: `FROM python:3.12-slim`.
    """
    for step, place in walk(read_dockerfile(draft.text(DOCKERFILE))):
        image = place.stages[-1].image if step.name == "FROM" else None
        if not image or image == "scratch" or place.known_stage(image) or "@" in image:
            continue
        tag = image.rpartition("/")[2].partition(":")[2]
        if tag in ("", "latest"):
            what = f"FROM {shown(image)}: which version this is changes with time"
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how="write a tag, as in ubuntu:24.04, or a digest")


def image_secret(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """No password, key or token stands in ENV or ARG.

    Why: whoever has the image has it too, and so has the agent. How: leave it out; a task without network needs none,
    and a made-up one can say that it is. Example: `ARG API_KEY` without a value.
    """
    for step in read_dockerfile(draft.text(DOCKERFILE)):
        for name, value in pairs(step) if step.name in ("ENV", "ARG") else ():
            known = any(find_secrets(value))  # the rule about keys in files tells these
            if names_secret(name) and "$" not in value and not is_dummy(value) and not known:
                what = f"{step.name} {shown(name)} holds a value of {len(value)} characters that looks like a secret"
                how = "remove the value; if it was a real one, withdraw it, since the history keeps it"
                yield Spot(path=DOCKERFILE, line=step.line, what=what, how=how)


def image_volume(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The image has no VOLUME.

    Why: a volume is not part of the image: what later steps write there is lost, and what one trial leaves there the
    next one in training finds. How: remove the line; a folder of the image is enough. Example: `RUN mkdir -p /srv/data`
    in place of `VOLUME /srv/data`.
    """
    for step in _final(draft, "VOLUME"):
        how = "remove the line, and make the folder with RUN mkdir -p"
        what = f"VOLUME {shown(step.arguments())}: a trial cannot keep or reset what lies in a volume"
        yield Spot(path=DOCKERFILE, line=step.line, what=what, how=how)


def image_user(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The image's last USER, if any, is root.

    Why: a trial's commands run as root in /root whatever USER says, and without the right to write other users' files.
    How: remove USER, and do not give files away with chown. Example: `WORKDIR /root`.
    """
    last = list(_final(draft, "USER"))[-1:]
    for step in last:
        user = step.arguments().strip().partition(":")[0]
        if user not in ("root", "0", "") and "$" not in user:
            what = f"USER {shown(user)} has no effect: a trial's commands run as root, with the files of root"
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how="remove USER, and leave the files to root")


def image_entrypoint(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Nothing that a trial needs is started by ENTRYPOINT or CMD.

    Why: a trial starts the container with a shell of its own, so neither of them runs. How: do it in a RUN, or say in
    the prompt how the agent starts the service. Example: `CMD ["bash"]`, which does no harm.
    """
    for step in (*_final(draft, "ENTRYPOINT"), *_final(draft, "CMD")):
        words = step.words()
        if words and words not in ([""], ["[]"]) and not _is_idle(words):
            what = f"{step.name} {shown(step.arguments(), 60)}: a trial does not run it"
            how = "prepare files with RUN instead; what must run, the agent or the verifier starts itself"
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how=how)


def _is_idle(words: list[str]) -> bool:
    return bool(_IDLE.fullmatch(words[0])) and not any(word.endswith((".py", ".sh")) for word in words[1:])


def image_bash(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The image has bash.

    Why: a trial's commands run in it, and small images such as alpine come without it. How: install it, or start
    from an image that has it. Example: `RUN apk add --no-cache bash`.
    """
    steps = read_dockerfile(draft.text(DOCKERFILE))
    stages = next((place.stages for _, place in reversed(list(walk(steps)))), [])
    images = {stage.name or str(stage.index): stage.image for stage in stages}
    image = stages[-1].image if stages else None
    for _ in stages:
        image = images.get((image or "").lower(), image)
    if image and _NO_BASH.search(image) and not any("bash" in step.rest for step in steps if step.name in _FILLS):
        how = "install it, for example with RUN apk add --no-cache bash, or start from an image that has it"
        yield Spot(path=DOCKERFILE, line=stages[-1].line, what=f"{shown(image)} has no bash", how=how)


def workspace_elsewhere(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """The image's last WORKDIR is /root or a folder in it.

    Why: the agent starts in /root, and only what it leaves there reaches the verifier. How: work in /root,
    and write full paths in the prompt. Example: `WORKDIR /root`.
    """
    for step in list(_final(draft, "WORKDIR"))[-1:]:
        folder = step.arguments().strip().strip("\"'").rstrip("/")
        if folder.startswith("/") and not f"{folder}/".startswith("/root/"):
            what = f"WORKDIR {shown(folder)}: the agent starts in /root, and what it writes elsewhere is not scored"
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how="write WORKDIR /root, and let results go there")


def _final(draft: Draft, name: str) -> Iterator[Instruction]:
    """Yield the instructions of this name in the last stage, which is the image."""
    steps = read_dockerfile(draft.text(DOCKERFILE))
    start = max((at for at, step in enumerate(steps) if step.name == "FROM"), default=0)
    return (step for step in steps[start:] if step.name == name)


def _run_texts(draft: Draft) -> Iterator[tuple[int, str]]:
    """Yield what a shell runs in each RUN, with the line of the instruction."""
    return ((step.line, step.command()) for step in read_dockerfile(draft.text(DOCKERFILE)) if step.name == "RUN")


RULES: tuple[Rule, ...] = (
    judged("add-download", "warning", add_download, deep=True),
    judged("download-run", "warning", download_run, deep=True),
    judged("run-outside", "error", run_outside, deep=True),
    judged("image-secret", "error", image_secret, deep=True),
    judged("image-volume", "warning", image_volume, deep=True),
    judged("image-user", "warning", image_user, deep=True),
    judged("image-entrypoint", "warning", image_entrypoint, deep=True),
    judged("image-bash", "warning", image_bash, deep=True),
    judged("workspace-elsewhere", "note", workspace_elsewhere, deep=True),
    judged("base-unpinned", "note", base_unpinned, deep=True),
)
