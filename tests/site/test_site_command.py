"""`arena site build` and `arena site serve`: what is written, what is left alone, who is answered."""

from __future__ import annotations

import json
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_fields import built_site
from synthetic_runs import run

from posttrain_arena.cli import results
from posttrain_arena.cli.main import main
from posttrain_arena.cli.site import make_server
from posttrain_arena.core.site.write import FILE_LIST, write_site
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import encode, to_document

RUNS = [run("quiet-harbour", rates=(0.3, 0.9), seed=1), run("paper-lantern", rates=(0.3, 0.5), seed=2)]


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_builds_of_a_leaderboard_are_byte_identical(tmp_path: Path) -> None:
    for value in RUNS:
        results.add_run(value, tmp_path / "leaderboard")
    for out in ("one", "two"):
        command = ["site", "build", "--leaderboard", str(tmp_path / "leaderboard"), "--day", "2026-11-21"]
        assert main([*command, "--out", str(tmp_path / out)]) == 0
    assert _files(tmp_path / "one") == _files(tmp_path / "two")


def test_a_published_run_is_the_committed_file(tmp_path: Path) -> None:
    path = results.add_run(RUNS[0], tmp_path / "leaderboard")
    assert main(["site", "build", "--leaderboard", str(tmp_path / "leaderboard"), "--out", str(tmp_path / "site")]) == 0
    assert (tmp_path / "site/api/v1/runs" / path.name).read_bytes() == path.read_bytes()


def test_runs_have_the_day_of_their_commit(tmp_path: Path) -> None:
    leaderboard = tmp_path / "leaderboard"
    results.add_run(RUNS[0], leaderboard)
    identity = {"GIT_COMMITTER_DATE": "2026-11-20T23:30:00-0300", "GIT_AUTHOR_DATE": "2026-11-01T00:00:00Z"}
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *command], check=True, env={"PATH": "/usr/bin:/bin"} | identity)
    results.add_run(RUNS[1], leaderboard)
    assert main(["site", "build", "--leaderboard", str(leaderboard), "--out", str(tmp_path / "site")]) == 0
    days = json.loads((tmp_path / "site/api/v1/history.json").read_bytes())["days"]
    assert [(day["day"], [found["run"] for found in day["runs"]]) for day in days] == [
        (None, [RUNS[1].id]),
        ("2026-11-21", [RUNS[0].id]),
    ]


def test_published_evaluations_give_the_published_score(tmp_path: Path) -> None:
    write_site([built_site(RUNS[:1]).items], tmp_path / "site")
    score = RUNS[0].score
    folder = tmp_path / "site/api/v1/evaluations"
    sides = [
        str(folder / f"{digest.removeprefix('sha256:')[:16]}.json")
        for digest in (score.entry_evaluation, score.baseline_evaluation)
    ]
    assert main(["score", *sides, "--out", str(tmp_path / "score.json")]) == 0
    assert json.loads((tmp_path / "score.json").read_bytes()) == to_document(score)


def test_site_command_builds_replaces_and_keeps_others_files(tmp_path: Path, capsys) -> None:
    board, out = tmp_path / "leaderboard", tmp_path / "site"
    path = results.add_run(RUNS[0], board)
    command = ["site", "build", "--leaderboard", str(board), "--out", str(out)]
    assert main(command) == 0
    assert (out / f"runs/{RUNS[0].id}.html").is_file()
    assert (out / "docs/spec.html").is_file()
    (out / "mine.txt").write_text("kept")
    path.unlink()
    assert main(command) == 0
    assert not (out / f"runs/{RUNS[0].id}.html").exists()
    assert (out / "mine.txt").read_text() == "kept"
    assert str(out / "index.html") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sound", "hostile"), [('"gpu_hours": null', '"gpu_hours": 1e999'), ("Quiet harbour", "\\ud800")]
)
def test_a_run_that_cannot_be_decoded_is_named(tmp_path: Path, sound: str, hostile: str, capsys) -> None:
    path = results.add_run(RUNS[0], tmp_path)
    text = path.read_text()
    assert sound in text
    path.write_text(text.replace(sound, hostile))
    assert main(["site", "build", "--leaderboard", str(tmp_path), "--out", str(tmp_path / "site")]) == 2
    assert str(path) in capsys.readouterr().err


def test_a_day_is_a_day(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["site", "build", "--day", "tomorrow"])
    assert ended.value.code == 2
    assert "write it as 2026-11-21" in capsys.readouterr().err


def test_a_folder_with_other_files_is_never_built_into(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(UsageError, match="not a built site"):
        write_site([built_site([]).items], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_build_that_was_cut_off_leaves_nothing_behind_the_next(tmp_path: Path) -> None:
    def cut_off() -> Iterator[tuple[str, bytes]]:
        raise OSError("no space left on device")

    out = tmp_path / "site"
    with pytest.raises(OSError, match="no space"):
        write_site([lambda: [("gone/old.html", b"old")], cut_off], out)
    assert (out / "gone/old.html").is_file()
    (out / "gone/.old.html.part").write_bytes(b"o")  # as a kill in the middle of a second build leaves it
    write_site([lambda: [("new.html", b"new")]], out)
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == [FILE_LIST, "new.html"]


def test_a_forged_file_list_removes_nothing_outside(tmp_path: Path) -> None:
    victim, out = tmp_path / "victim.txt", tmp_path / "site"
    victim.write_text("kept")
    out.mkdir()
    (out / FILE_LIST).write_text("../victim.txt\n")
    write_site([built_site([]).items], out)
    assert victim.read_text() == "kept"


def test_serve_answers_on_this_machine_only(tmp_path: Path) -> None:
    write_site([built_site(RUNS[:1]).items], tmp_path / "site")
    with make_server(tmp_path / "site", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert server.server_address[0] == "127.0.0.1"
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/") as answer:
            assert answer.read() == (tmp_path / "site/index.html").read_bytes()
        with pytest.raises(UsageError, match="choose another --port"):
            make_server(tmp_path / "site", server.server_port)
        server.shutdown()


def test_serve_wants_a_built_site(tmp_path: Path) -> None:
    assert main(["site", "serve", "--out", str(tmp_path)]) == 2


def test_a_run_that_has_no_file_is_written_as_the_arena_writes(tmp_path: Path) -> None:
    assert built_site(RUNS)[f"api/v1/runs/{RUNS[0].id}.json"] == encode(to_document(RUNS[0]))


@pytest.mark.parametrize("text", ["{}", '{"schema": "leaderboard-run/1", "schema": 1}', "[NaN]", "not json"])
def test_a_run_that_breaks_its_schema_ends_the_build_with_its_name(tmp_path: Path, text: str, capsys) -> None:
    path = results.add_run(RUNS[0], tmp_path / "leaderboard")
    broken = path.with_name("other-0123456789ab.json")
    broken.write_text(text)
    command = ["site", "build", "--leaderboard", str(tmp_path / "leaderboard"), "--out", str(tmp_path / "site")]
    assert main(command) == 2
    assert str(broken) in capsys.readouterr().err
    assert not (tmp_path / "site").exists()
    broken.write_bytes(path.read_bytes())
    assert main(command) == 2
    assert "a run is named <run-id>.json" in capsys.readouterr().err
