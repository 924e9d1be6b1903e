"""`arena publish`: what it writes, what it refuses, and what it leaves with the hub."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from finished_run import FinishedRun, finish_run
from hub_stand_in import TOKEN, HubStandIn
from small_training import Trained

from posttrain_arena.cli.main import main
from posttrain_arena.core.training.records import read_trials
from posttrain_arena.model import documents
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.tree import tree_digest

pytestmark = pytest.mark.training

REPO = "my-org/my-model"


def _dry(run: FinishedRun, out: Path, *more: str) -> int:
    words = [str(run.folder), "--repo", REPO, "--out", str(out), "--bases", str(run.bases), "--dry-run", *more]
    return main(["publish", *words])


def _publish(run: FinishedRun, out: Path, hub: tuple[type[HubStandIn], str], *more: str, token: str = TOKEN):
    """Run the command as users do, in a process of its own, against a hub that the environment names."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    words = [str(run.folder), "--out", str(out), *(() if "--repo" in more else ("--repo", REPO)), *more]
    return subprocess.run(
        [sys.executable, "-m", "posttrain_arena", "publish", *words],
        env=environment | {"HF_ENDPOINT": hub[1], "HF_TOKEN": token, "HF_HOME": str(out.parent / "home")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_writes_the_publication_and_asks_nobody(
    finished: FinishedRun, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    assert _dry(finished, out) == 0
    assert f"wrote {out}" in capsys.readouterr().out
    files = _files(out)
    stages = {f"{stage}/{name}" for stage in ("sft", "grpo") for name in ("manifest.json", "metrics.jsonl")}
    shown = {f"demonstrations/{name}" for name in ("manifest.json", "demonstrations.json")}
    measured = {
        f"evaluation-{s}/{name}" for s in ("base", "sft", "grpo") for name in ("manifest.json", "evaluation.json")
    }
    assert set(files) == {
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "fingerprint.json",
        "report/run.json",
        "report/recipe.json",
        *(f"report/{name}" for name in stages | shown | measured),
        *(f"trajectories/{stage}.jsonl" for stage in ("base", "sft", "grpo")),
    }
    assert documents.read_document(out / "report" / "run.json", LeaderboardRun) == finished.run
    assert len(read_trials(out / "trajectories" / "grpo.jsonl")) == 40
    adapter = finished.folder / "grpo" / "adapter"
    assert files["adapter_model.safetensors"] == (adapter / "adapter_model.safetensors").read_bytes()


def test_nothing_that_is_published_names_a_folder_of_this_machine(finished: FinishedRun, out: Path) -> None:
    assert str(finished.bases.parent) not in (finished.folder / "run.json").read_text()
    assert _dry(finished, out) == 0
    for name, data in _files(out).items():
        assert b"/tmp" not in data, name
        assert str(out.parent).encode() not in data, name
    config = json.loads((out / "adapter_config.json").read_text())
    assert (config["base_model_name_or_path"], config["revision"]) == (None, None)


def test_the_same_run_is_published_as_the_same_bytes(finished: FinishedRun, out: Path) -> None:
    assert _dry(finished, out, "--merged") == 0
    first = _files(out)
    assert _dry(finished, out, "--merged") == 0
    assert _files(out) == first


def test_the_merged_model_says_what_base_and_adapter_say(finished: FinishedRun, out: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    assert _dry(finished, out, "--merged") == 0
    ids = AutoTokenizer.from_pretrained(out / "merged")("cat note > out", return_tensors="pt").input_ids
    base = AutoModelForCausalLM.from_pretrained(next(finished.bases.iterdir()) / "model")
    with torch.no_grad():
        merged = AutoModelForCausalLM.from_pretrained(out / "merged")(ids).logits
        alone = base(ids).logits
        both = PeftModel.from_pretrained(base, finished.folder / "grpo" / "adapter").eval()(ids).logits
    assert torch.allclose(merged, both, atol=1e-5)
    assert not torch.allclose(alone, both, atol=1e-5)
    assert 'subfolder="merged"' in (out / "README.md").read_text()


def test_a_run_on_any_other_suite_is_refused(
    weights: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public = documents.read_document(documents.REPOSITORY_ROOT / "starting-kit/public-sample/suite.json", Suite)
    sealed = dataclasses.replace(public, tasks=public.tasks[1:])  # its name says nothing
    run = finish_run(tmp_path, weights, suite=sealed)
    assert _dry(run, tmp_path / "publication") == 2
    told = capsys.readouterr().err
    assert "which is not the public sample of competition.yaml" in told
    assert not (tmp_path / "publication").exists()


def _copied(finished: FinishedRun, to: Path) -> FinishedRun:
    shutil.copytree(finished.folder, to / "run")
    return dataclasses.replace(finished, folder=to / "run")


def _smuggled(run: FinishedRun) -> None:
    """Add a trial of another task, and a manifest that names it."""
    folder = run.folder / "evaluation-grpo"
    lines = (folder / "trials.jsonl").read_text().splitlines()
    (folder / "trials.jsonl").write_text(
        "\n".join([*lines, json.dumps(json.loads(lines[0]) | {"task": "sealed-task"}), ""])
    )
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {
        name: "sha256:" + __import__("hashlib").sha256((folder / name).read_bytes()).hexdigest()
        for name in manifest["files"]
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _other_weights(run: FinishedRun) -> None:
    shutil.rmtree(run.folder / "grpo")
    shutil.copytree(run.folder / "sft", run.folder / "grpo")


def _damaged(run: FinishedRun) -> None:
    (run.folder / "grpo" / "adapter" / "fingerprint.json").write_text("{}")


def _praised(run: FinishedRun) -> None:
    doc = json.loads((run.folder / "run.json").read_text())
    doc["score"]["delta"] = 0.99
    (run.folder / "run.json").write_text(json.dumps(doc))


def _unmeasured(run: FinishedRun) -> None:
    shutil.rmtree(run.folder / "evaluation-base")


def _other_entry(run: FinishedRun) -> None:
    (run.folder / "entry" / "submission.yaml").write_text("team_name: B")
    assert tree_digest(run.folder / "entry") != run.run.entry.digest


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (_smuggled, 2, "a trial of grpo is of sealed-task, which is no task of public-sample"),
        (_other_weights, 2, "not the weights of team-a-"),
        (_damaged, 3, "grpo: damaged"),
        (_praised, 2, "score/delta: the file says 0.99"),
        (_unmeasured, 2, "the evaluation of base is not in"),
        (_other_entry, 2, "the entry at entry is not the one the job pins"),
    ],
)
def test_what_is_not_the_run_is_refused(
    finished: FinishedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str], change, code: int, told: str
) -> None:
    run = _copied(finished, tmp_path)
    change(run)
    assert _dry(run, tmp_path / "publication") == code
    assert told in capsys.readouterr().err
    assert not (tmp_path / "publication").exists()


def test_a_folder_with_other_files_is_left_alone(
    finished: FinishedRun, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out.mkdir()
    (out / "thesis.txt").write_text("x")
    assert _dry(finished, out) == 2
    assert "choose an empty folder" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_without_a_token_nothing_is_done(
    finished: FinishedRun, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_TOKEN", "")
    assert main(["publish", str(finished.folder), "--repo", REPO, "--out", str(out)]) == 2
    assert "no token: set HF_TOKEN" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("repo", ["my-model", "my-org/", "../x", "my-org/my model", "a/b/c"])
def test_a_name_that_is_none_is_refused(finished: FinishedRun, out: Path, repo: str, capsys) -> None:
    assert main(["publish", str(finished.folder), "--repo", repo, "--out", str(out), "--dry-run"]) == 2
    assert "write owner and name" in capsys.readouterr().err


def test_a_publication_is_one_commit_and_the_same_again_is_none(finished: FinishedRun, out: Path, hub) -> None:
    done = _publish(finished, out, hub, "--private", "--merged", "--bases", str(finished.bases))
    assert done.returncode == 0, done.stderr
    repository = hub[0].repositories[REPO]
    assert repository.private
    assert [summary for summary, _ in repository.commits] == ["initial commit", f"Publish {finished.run.id}"]
    assert repository.files.pop(".gitattributes")
    assert repository.files == _files(out)
    repository.files[".gitattributes"] = b"*"
    assert f"published, commit {repository.sha}" in done.stdout

    again = _publish(finished, out, hub, "--private", "--merged", "--bases", str(finished.bases))
    assert again.returncode == 0, again.stderr
    assert len(repository.commits) == 2
    assert f"the same is published already, commit {repository.sha}" in again.stdout

    less = _publish(finished, out, hub, "--private")
    assert less.returncode == 0, less.stderr
    assert len(repository.commits) == 3
    assert not [name for name in repository.files if name.startswith("merged/")]
    for told in (done, again, less):
        assert TOKEN not in told.stdout + told.stderr


def test_a_hub_that_is_not_there_is_told_without_the_token(finished: FinishedRun, out: Path, hub) -> None:
    done = _publish(finished, out, (hub[0], "http://127.0.0.1:9"))
    assert done.returncode == 3
    assert done.stderr.startswith("arena: the hub does not take my-org/my-model: ")
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stdout + done.stderr
