"""CHANGE-ME: say what the script does and what it prints. It runs in the sandbox, without network."""

import sys
from pathlib import Path


def main(path):
    """CHANGE-ME: do the work that an agent should not have to write."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    sys.stdout.write(f"{len(lines)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
