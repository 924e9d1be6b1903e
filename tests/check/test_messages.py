"""What a finding tells an author to do is what mends the package."""

from __future__ import annotations

from pathlib import Path

import pytest
from packages import findings_of, sound_package

SCRIPT, IMAGE, TASK = "verifier/test.sh", "environment/Dockerfile", "task.md"
REWARD, WORKDIR = "REWARD=0.0\n", "WORKDIR /root\n"

TOLD = [
    (
        "copy-source",
        IMAGE,
        WORKDIR,
        "COPY ../verifier/test.sh /x/\n",
        "delete this COPY: verifier/ and oracle/ are not for",
    ),
    ("copy-source", IMAGE, WORKDIR, "ADD oracle/solve.sh /x/\n", "delete this ADD: verifier/ and oracle/ are not for"),
    ("copy-source", IMAGE, WORKDIR, "COPY ../rows.csv /x/\n", "copy what the agent may see into environment/"),
    ("author-missing", TASK, "author_email", "author_mail", "rename author_mail on line 5 to author_email"),
    ("author-missing", TASK, "  author_email: ada@example.org\n", "", "add author_email: under metadata:"),
    ("category-unknown", TASK, "software-engineering", "software", "write category: software-engineering; the other"),
    ("metadata-key", TASK, "difficulty", "difficulity", "rename it to difficulty"),
    ("rubric-weights", "verifier/verifier.md", "weight: 1.0", "weight: 0.5", "write weight: 1"),
    ("scoring-network", SCRIPT, REWARD, "pip install pytest==9.2.0\n", "delete it: the base image has pytest already"),
    (
        "scoring-network",
        SCRIPT,
        REWARD,
        "uv pip install pytest pytest-json-ctrf\n",
        "delete it: the base image has pytest and",
    ),
    ("scoring-network", SCRIPT, REWARD, "uvx --with pytest-json-ctrf pytest x.py\n", "start python3 -m pytest instead"),
    ("scoring-network", SCRIPT, REWARD, "pip install pytest numpy\n", "install it in environment/Dockerfile"),
    (
        "artefacts-every-path",
        SCRIPT,
        REWARD,
        "[ -e /root/a ] || exit 0\n",
        "write reward.txt, reward.json and ctrf.json once",
    ),
    ("artefacts-every-path", SCRIPT, REWARD, "set -e\nf\nf() { :; }\n", "define the function above its first call"),
    ("artefacts-every-path", SCRIPT, REWARD, "set -u\necho $A\nA=1\n", "set it above this line, or write ${NAME:-}; "),
]


@pytest.mark.parametrize(("rule", "file", "before", "text", "how"), TOLD)
def test_a_finding_says_what_to_write(rule: str, file: str, before: str, text: str, how: str, tmp_path: Path) -> None:
    package = sound_package(tmp_path / "count-lines")
    whole = (package / file).read_text()
    assert before in whole
    (package / file).write_text(whole.replace(before, text + before if before in (REWARD, WORKDIR) else text))
    assert [finding.how.startswith(how) for finding in findings_of(package) if finding.rule == rule] == [True]


@pytest.mark.parametrize(
    ("name", "renaming"), [("golden.json", True), ("solution.txt", False), ("oracle_notes.txt", False)]
)
def test_only_what_may_be_no_answer_can_be_renamed(name: str, renaming: bool, tmp_path: Path) -> None:
    package = sound_package(tmp_path / "count-lines")
    (package / "environment" / name).write_text("something")
    (finding,) = findings_of(package)
    assert ("name it for what it is" in finding.how) == renaming
