"""The commands that start, check and plan an entry run as the pages about entries have them, in their order."""

from __future__ import annotations

import argparse
import importlib
import re
import shlex
import shutil
from pathlib import Path

import pytest

from posttrain_arena.cli.main import COMMANDS, main
from posttrain_arena.model.documents import REPOSITORY_ROOT

QUICK = ("new", "check", "plan")
UNFINISHED = {"check": 1}
"""What ``check`` says of an entry that was just started."""


def commands(page: str) -> list[list[str]]:
    """Return the commands of a page's blocks, without what explains them."""
    blocks = re.findall(r"^```bash\n(.*?)^```", (REPOSITORY_ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
    lines = "".join(blocks).replace("\\\n", "").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


@pytest.mark.parametrize("page", ["docs/skills.md", "submissions/README.md"])
def test_the_quick_commands_of_a_page_run_in_its_order(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("starting-kit/example-skills", "sky/agents"):
        shutil.copytree(REPOSITORY_ROOT / name, tmp_path / name)
    (tmp_path / "submissions").mkdir()
    monkeypatch.chdir(tmp_path)
    for program, *words in commands(page):
        if program == "cp":
            shutil.copytree(*words[-2:])
        elif words[0] in QUICK:
            assert main(words) == UNFINISHED.get(words[0], 0), words


def test_the_commands_from_a_run_to_the_board_are_there_with_their_options() -> None:
    variables: dict[str, list[str]] = {}
    steps = []
    for first, *words in commands("docs/agents.md"):
        name, equals, value = first.partition("=")
        if equals:
            variables[f"${name}"] = shlex.split(value)
            continue
        given = [part for word in words for part in variables.get(word, [word])]
        parser = argparse.ArgumentParser(exit_on_error=False)
        importlib.import_module(COMMANDS[given[0]][0]).add_arguments(parser)
        parser.parse_args(given[1:])
        steps.append(" ".join(given[:2]))
    board = ["add-references", "add-agent", "build"]
    assert [step.removeprefix("leaderboard ") for step in steps if step.startswith("leaderboard ")] == board
    assert "agents known-model" in steps
