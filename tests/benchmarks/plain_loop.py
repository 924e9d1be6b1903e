"""What a checker without a checker would do: load the documents and validate them, one after another."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def validator(name: str) -> Draft202012Validator:
    """Return the validator of one of the project's schemas."""
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")))


def front_matter(path: Path) -> str:
    """Return what stands between the first two lines ``---``."""
    return path.read_text(encoding="utf-8").split("---\n")[1]


def main(root: Path) -> int:
    """Return the number of errors in all documents below a folder of entries."""
    task, verifier, submission = validator("task"), validator("verifier"), validator("submission")
    errors = 0
    for entry in sorted(root.iterdir()):
        manifest = yaml.safe_load((entry / "submission.yaml").read_text(encoding="utf-8"))
        errors += len(list(submission.iter_errors(manifest)))
        for package in sorted((entry / "envs").iterdir()):
            errors += len(list(task.iter_errors(yaml.safe_load(front_matter(package / "task.md")))))
            document = yaml.safe_load(front_matter(package / "verifier" / "verifier.md"))
            errors += len(list(verifier.iter_errors(document)))
    return errors


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1])) else 0)
