"""The canonical form says every default, and is its own canonical form."""

from __future__ import annotations

from pathlib import Path

import cases
import pytest
import yaml
from packages import sound_package

from posttrain_arena.cli.main import main
from posttrain_arena.core.check.read import read_canonical, read_package

TASK_CASES = [("positive", name) for name in cases.cases("tasks", "positive")]


def canonical(package: Path) -> str:
    text, findings = read_canonical(package, root=package.parent)
    assert text is not None, findings
    return text


def settings(text: str) -> dict:
    return yaml.safe_load(text.split("---\n")[1])


@pytest.mark.parametrize(("verdict", "name"), TASK_CASES)
def test_canonical_form_is_the_same_task_and_its_own_canonical_form(verdict: str, name: str, tmp_path: Path) -> None:
    package = cases.make_case("tasks", verdict, name, tmp_path / "team", folder="count-lines")
    before, _ = read_package(package, root=tmp_path)
    text = canonical(package)
    (package / "task.md").write_text(text, encoding="utf-8")
    after, findings = read_package(package, root=tmp_path)
    assert findings == ()
    assert canonical(package) == text
    assert before is not None
    assert after is not None
    for part in ("prompt", "category", "difficulty", "tags", "limits", "pass_threshold", "scenes", "user"):
        assert getattr(after, part) == getattr(before, part), part


def test_every_default_is_written_out(tmp_path: Path) -> None:
    package = sound_package(tmp_path / "count-lines")
    (package / "task.md").write_text("---\nversion: 1.0\nmetadata: {mine: [1, 2]}\n---\n## prompt\nGo.\n")
    assert settings(canonical(package)) == {
        "version": "1.0",
        "metadata": {"mine": [1, 2]},
        "agent": {"timeout_sec": 900},
        "verifier": {"timeout_sec": 180, "pass_threshold": 1.0},
        "environment": {
            "build_timeout_sec": 600,
            "cpus": 1,
            "memory_mb": 4096,
            "storage_mb": 10240,
            "network_mode": "no-network",
        },
    }


def test_a_turn_reads_its_own_prompt_else_the_scenes_else_the_roles_else_the_tasks(tmp_path: Path) -> None:
    package = sound_package(tmp_path / "count-lines")
    (package / "task.md").write_text(
        "---\nagents: {roles: {a: {}, b: {}}}\nscenes:\n"
        "- turns: [{role: a, prompt: own}, b]\n- {name: s, turns: [a]}\n- {name: t}\n---\n"
        "## prompt\nbase\n## scene:s\nof s\n## role:b\nof b\n"
    )
    scenes = settings(canonical(package))["scenes"]
    said = [[(turn["role"], turn["prompt"]) for turn in scene["turns"]] for scene in scenes]
    assert said == [[("a", "own"), ("b", "of b")], [("a", "of s")], [("a", "base"), ("b", "of b")]]
    assert [scene["name"] for scene in scenes] == ["scene-0", "s", "t"]
    assert scenes[2]["roles"] == ["a", "b"]


def test_later_dialect_becomes_the_first_one(tmp_path: Path) -> None:
    package = sound_package(tmp_path / "count-lines")
    (package / "task.md").write_text(
        '---\nschema_version: "1.3"\nsandbox: {allow_internet: true, cpus: 2}\n---\n## prompt\nGo.\n'
    )
    read = settings(canonical(package))
    assert read["version"] == "1.3"
    assert read["environment"]["network_mode"] == "public"
    assert read["environment"]["cpus"] == 2
    assert "sandbox" not in read


def test_command_prints_the_form_or_says_what_is_in_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    package = sound_package(tmp_path / "count-lines")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--show-canonical", "count-lines"]) == 0
    assert capsys.readouterr().out == canonical(package)
    (package / "task.md").write_text("---\nagent: {timeout: 5}\n---\n## prompt\nGo.\n")
    assert main(["check", "--show-canonical", "count-lines"]) == 1
    assert "did you mean 'timeout_sec'" in capsys.readouterr().err
