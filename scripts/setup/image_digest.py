#!/usr/bin/env python3
"""Print the digest of what an image holds: image_digest.py IMAGE.

The lines that are hashed, one a path in sorted order, tell kind, mode, owner and what is there: a file's SHA-256, a
link's target, a device's number. A last line tells variables, user, folder and command. No times, and nothing of how
the image was made: two builds of one content have one digest.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

MADE_BY_THE_ENGINE = (".dockerenv", "dev", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf", "proc", "sys")
SETTINGS = ("Env", "User", "WorkingDir", "Entrypoint", "Cmd")


def main() -> int:
    """Print the digest; an engine's complaint goes to standard error, with exit code 3."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: image_digest.py IMAGE\n")
        return 2
    image = sys.argv[1]
    try:
        config = json.loads(_docker("image", "inspect", "--format", "{{json .Config}}", image))
        with _exported(image) as stream:
            lines = sorted(content_lines(stream))
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"image_digest.py: {(error.stderr or b'docker export failed').decode().strip()}\n")
        return 3
    lines.append(json.dumps([config.get(name) or None for name in SETTINGS]))
    sys.stdout.write(f"sha256:{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()}\n")
    return 0


def content_lines(stream: IO[bytes]) -> Iterator[str]:
    """Yield a line for each path of a tar archive, in the archive's order."""
    files: dict[str, str] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if member.isfile():
                files[name] = _sha256(archive.extractfile(member))
            if name in MADE_BY_THE_ENGINE or name.partition("/")[0] in MADE_BY_THE_ENGINE:
                continue
            yield json.dumps([name, *_told(member, files)])


def _told(member: tarfile.TarInfo, files: dict[str, str]) -> list[str | int | list[str]]:
    # a second name of a file is a file: which of its names comes first is the archive's choice
    kind = tarfile.REGTYPE if member.islnk() else member.type
    content = files.get(member.name.removeprefix("./") if member.isfile() else member.linkname.removeprefix("./"), "")
    if member.issym():
        content = member.linkname
    elif member.isdev():
        content = f"{member.devmajor}:{member.devminor}"
    rights = sorted(f"{key}={value}" for key, value in member.pax_headers.items() if key.startswith("SCHILY.xattr."))
    return [kind.decode(), member.mode, member.uid, member.gid, content, rights]


def _sha256(file: IO[bytes] | None) -> str:
    digest = hashlib.sha256()
    while file is not None and (block := file.read(1 << 20)):
        digest.update(block)
    return digest.hexdigest()


@contextmanager
def _exported(image: str) -> Iterator[IO[bytes]]:
    container = _docker("create", image, "true").strip()
    try:
        with subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as process:
            yield cast(IO[bytes], process.stdout)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, "docker export")
    finally:
        _docker("rm", container)


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, check=True).stdout.decode()


if __name__ == "__main__":
    sys.exit(main())
