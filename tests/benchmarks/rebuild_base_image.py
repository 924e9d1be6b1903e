"""Make the base image twice from nothing, its stand-in system too; print content digest, size and seconds of each.

    .venv/bin/python tests/benchmarks/rebuild_base_image.py

Needs a Docker engine, the distribution's packages, and minutes. Exits 0 only where both hold the same.
"""

from __future__ import annotations

import subprocess
import sys
import time

from posttrain_arena.model.documents import REPOSITORY_ROOT

BUILD = REPOSITORY_ROOT / "scripts/setup/base_image.sh"
DIGEST = REPOSITORY_ROOT / "scripts/setup/image_digest.py"


def _printed(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def _made(image: str) -> str:
    started = time.monotonic()
    subprocess.run([BUILD, "--tag", image, "--no-cache"], check=True)
    seconds = time.monotonic() - started
    size = int(_printed("docker", "image", "inspect", "--format", "{{.Size}}", image))
    digest = _printed(sys.executable, str(DIGEST), image)
    subprocess.run(["docker", "rmi", image], stdout=subprocess.DEVNULL, check=True)
    print(f"{digest}, {size / 1e6:.0f} MB, {seconds:.0f} s", flush=True)
    return digest


def main() -> int:
    """Build, compare, print the verdict on the last line."""
    digests = {_made(f"posttrain-arena/base:rebuilt-{number}") for number in (1, 2)}
    print("two builds, one content" if len(digests) == 1 else "two builds, two contents")
    return 0 if len(digests) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
