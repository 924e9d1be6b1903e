"""Write a tree of entries full of different, sound packages of realistic sizes, the same for the same numbers."""

from __future__ import annotations

import random
from pathlib import Path

_PARTS = ("ba", "den", "fo", "gra", "hel", "ji", "kor", "lum", "mest", "nov", "pal", "rui", "sta", "tev", "zan")
WORDS = [a + b + c for a in _PARTS for b in _PARTS for c in ("", "a", "el", "ing", "or")]
"""Eleven hundred words: as many as a page of prose and code takes from its language."""

CATEGORIES = ("sciences", "cybersecurity", "finance-economics", "office-knowledge-work", "software-engineering")

TASK = """---
version: "1.0"
metadata:
  author_name: Ada Example
  author_email: ada@{entry}.example
  category: {category}
  difficulty: medium
  tags: [{tags}]
agent:
  timeout_sec: 600
verifier:
  timeout_sec: 120
environment:
  build_timeout_sec: 600
  cpus: 1
  memory_mb: 2048
  storage_mb: 4096
  network_mode: no-network
---

## prompt

{prompt}

Write the result to `/root/{answer}.json` as an object with the keys {keys}.
"""
DOCKERFILE = "FROM posttrain-arena/base:1\nCOPY data/ /srv/data/\nRUN mkdir -p /root/work\nWORKDIR /root\n"
VERIFIER = """---
document_version: "0.3"
verifier:
  name: {name}-verifier
  default_strategy: pytest
  strategies:
    pytest:
      type: script
      command: ./test.sh
  rubric:
    combine: weighted_sum
    dimensions:
      correctness:
        weight: 0.75
        source: pytest
      form:
        weight: 0.25
        source: pytest
  outputs:
    reward_text: /logs/verifier/reward.txt
    reward_json: /logs/verifier/reward.json
    details_json: /logs/verifier/ctrf.json
---

## role:reviewer

{prose}
"""
TEST_SH = """#!/bin/bash
set -uo pipefail
REWARD_TEXT="${BENCHFLOW_REWARD_TEXT:-/logs/verifier/reward.txt}"
REWARD_JSON="${BENCHFLOW_REWARD_JSON:-/logs/verifier/reward.json}"
DETAILS="${BENCHFLOW_REWARD_DETAILS_JSON:-/logs/verifier/ctrf.json}"
mkdir -p "$(dirname "$REWARD_TEXT")"
echo 0.0 > "$REWARD_TEXT"
echo '{"reward": 0.0}' > "$REWARD_JSON"
cd /verifier || exit 1
if pytest -q -p no:cacheprovider --ctrf "$DETAILS" test_outputs.py; then
  echo 1.0 > "$REWARD_TEXT"
  echo '{"reward": 1.0}' > "$REWARD_JSON"
fi
"""


def write_tree(root: Path, *, entries: int, packages: int, seed: int = 0) -> None:
    """Write ``root/submissions/<entry>/envs/<package>`` for all of them."""
    for number in range(entries):
        entry = root / "submissions" / f"team-{number:02d}"
        entry.mkdir(parents=True)
        manifest = f"team_name: Team {number:02d}\ncontact_email: ada@team-{number:02d}.example\ntrack: environments\n"
        (entry / "submission.yaml").write_text(manifest, encoding="utf-8")
        for index in range(packages):
            draw = random.Random(f"{seed} {number} {index}")
            write_package(entry / "envs" / f"{draw.choice(WORDS)}-{draw.choice(WORDS)}-{index:03d}", draw, entry.name)


def write_package(folder: Path, draw: random.Random, entry: str) -> None:
    """Write one package of nine files, about 35 kB."""
    keys = draw.sample(WORDS, 4)
    task = TASK.format(
        entry=entry,
        category=draw.choice(CATEGORIES),
        tags=", ".join(draw.sample(WORDS, 3)),
        prompt="\n\n".join(_prose(draw, 70) for _ in range(3)),
        answer=keys[0],
        keys=", ".join(f"`{key}`" for key in keys),
    )
    texts = {
        "task.md": task,
        "environment/Dockerfile": DOCKERFILE,
        "environment/data/rows.csv": _rows(draw, 500),
        "environment/data/notes.txt": "\n".join(_prose(draw, 60) for _ in range(12)) + "\n",
        "verifier/verifier.md": VERIFIER.format(name=folder.name, prose=_prose(draw, 60)),
        "verifier/test.sh": TEST_SH,
        "verifier/test_outputs.py": _tests(draw, keys),
        "oracle/solve.sh": "#!/bin/bash\nset -euo pipefail\npython3 /oracle/solve.py\n",
        "oracle/solve.py": _solution(draw, keys),
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _prose(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(WORDS, k=words)).capitalize() + "."


def _rows(draw: random.Random, count: int) -> str:
    lines = (f"{i},{draw.choice(WORDS)},{draw.randint(1, 99999)},{draw.random():.6f}" for i in range(count))
    return "id,name,amount,share\n" + "\n".join(lines) + "\n"


def _tests(draw: random.Random, keys: list[str]) -> str:
    parts = ["import csv\nimport json\nfrom pathlib import Path\n", f'ANSWER = Path("/root/{keys[0]}.json")\n']
    for key in [*keys, *draw.sample(WORDS, 6)]:
        body = [f'    rows = [row for row in csv.DictReader(open("/srv/data/rows.csv")) if row["name"] != "{key}"]']
        body += [
            f"    {name} = sum(int(row['amount']) for row in rows[{i}:])"
            for i, name in enumerate(draw.sample(WORDS, 3))
        ]
        body += [f'    assert json.loads(ANSWER.read_text()).get("{key}") in (None, len(rows))']
        parts.append(f"\ndef test_{key}():\n" + "\n".join(body) + "\n")
    return "\n".join(parts)


def _solution(draw: random.Random, keys: list[str]) -> str:
    lines = ["import csv", "import json", 'rows = list(csv.DictReader(open("/srv/data/rows.csv")))', "found = {}"]
    for key in keys:
        left, right = draw.sample(WORDS, 2)
        lines += [
            f'{left} = [row for row in rows if row["name"] != "{key}"]',
            f"{right} = len({left})",
            f'found["{key}"] = {right}',
        ]
    return "\n".join([*lines, f'json.dump(found, open("/root/{keys[0]}.json", "w"))', ""])
