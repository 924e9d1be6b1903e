"""Packages that are broken in every way do not keep an entry's sound ones from being trained on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from test_demo import arena

from posttrain_arena.cli.demo_kit import SHORT, make_kit
from posttrain_arena.model import documents

pytestmark = [pytest.mark.docker, pytest.mark.training]

BREAKS = {
    "000": ("oracle/solve.sh", "echo ", "false "),
    "001": ("verifier/test.sh", "\nexit 0", "\nexit 9"),
    "002": ("environment/Dockerfile", "WORKDIR", "RUN exit 1\nWORKDIR"),
    "003": ("verifier/test.sh", 'echo "$reward" >', 'echo "$(rev <<< naN)" >'),
}
"""Package, its file, and what is replaced by what in it."""


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job whose entry has four broken packages among its eight."""
    folder = tmp_path_factory.mktemp("broken")
    kit = make_kit(folder, SHORT)
    for number, (name, sound, broken) in BREAKS.items():
        file = kit.entry / "envs" / f"copy-word-train-{number}" / name
        text = file.read_text(encoding="utf-8")
        assert sound in text
        file.write_text(text.replace(sound, broken), encoding="utf-8")
    path = folder / "run" / "job.json"
    documents.write_document(path, kit.job(0, beside=path.parent))
    return path


def test_the_report_has_each_fault_with_its_owner_and_the_rest_passes(job: Path) -> None:
    entry = job.parent.parent / "entry" / "demo-team"
    out = job.parent / "report.json"
    result = arena("check", entry, "--level", "publication-grade", "--out", out)
    assert result.returncode == 1, result.stderr
    subjects = {subject["name"]: subject for subject in json.loads(out.read_text())["subjects"]}
    rules = {name: {finding["rule"] for finding in subject["findings"]} for name, subject in subjects.items()}
    assert "trial-oracle-failed" in rules["copy-word-train-000"]
    assert "trial-verifier-crashed" in rules["copy-word-train-001"]
    assert "trial-build-failed" in rules["copy-word-train-002"]
    assert "trial-reward-not-finite" in rules["copy-word-train-003"]
    owners = {trial["failure"]["owner"] for one in subjects.values() for trial in one["trials"] if trial["failure"]}
    assert owners == {"author"}
    sound = [f"copy-word-train-{number:03d}" for number in range(4, 8)]
    assert [subjects[name]["outcome"] for name in sound] == ["passed"] * 4
    assert [rules[name] for name in sound] == [{"near-duplicate"}] * 4  # a family's packages are variants of one task


def test_training_goes_on_with_the_sound_packages(job: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    bases = next(iter(sorted(tmp_path_factory.getbasetemp().glob("demo*/bases"))), job.parent / "bases")
    result = arena("post-train", job, "--out", job.parent / "out", "--bases", bases)
    assert result.returncode == 0, result.stderr
    manifest = json.loads((job.parent / "out" / "demonstrations" / "manifest.json").read_text())
    assert manifest["facts"]["passed"] == 4
    assert all(f"copy-word-train-{number}" in result.stdout for number in BREAKS)
    assert (job.parent / "out" / "grpo" / "adapter" / "adapter_model.safetensors").is_file()
    shutil.rmtree(job.parent / "out")
