"""Stages on disk: done once, gone on with after a kill, made again where what they wrote is no longer that."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from fakes import InMemoryEngine
from small_training import small_recipe

from posttrain_arena.cli.run_context import EvaluationContext
from posttrain_arena.cli.training_stages import base_stage
from posttrain_arena.core.training.disk import disk_faults_named
from posttrain_arena.core.training.stages import MANIFEST, NAMED_BY_INPUTS, finished, output_digest, run_stage, whole
from posttrain_arena.errors import ArenaError, DocumentError, StorageError
from posttrain_arena.model import documents
from posttrain_arena.model.manifest import Fact

INPUTS = {"recipe": "sha256:a", "seed": "0"}


def work(folder: Path) -> Mapping[str, Fact]:
    """Write one file, and tell whether an earlier half was found."""
    found = (folder / "half").exists()
    (folder / "weights").write_bytes(b"1234")
    return {"found": found}


def fail(folder: Path) -> Mapping[str, Fact]:
    (folder / "half").write_bytes(b"")
    raise KeyboardInterrupt


def test_a_whole_stage_is_done_once(tmp_path: Path) -> None:
    assert run_stage(tmp_path / "s", INPUTS, work)[1] is False
    assert run_stage(tmp_path / "s", INPUTS, fail)[1] is True


def test_a_half_done_stage_is_gone_on_with_for_the_same_inputs_alone(tmp_path: Path) -> None:
    for inputs, found in ((INPUTS, True), ({**INPUTS, "seed": "1"}, False)):
        with pytest.raises(KeyboardInterrupt):
            run_stage(tmp_path / str(found), INPUTS, fail)
        assert run_stage(tmp_path / str(found), inputs, work)[0].facts == {"found": found}


def _cut_weights(stage: Path) -> None:
    (stage / "weights").write_bytes(b"12")


def _change_weights(stage: Path) -> None:
    (stage / "weights").write_bytes(b"4321")


def _lose_weights(stage: Path) -> None:
    (stage / "weights").unlink()


def _add_a_file(stage: Path) -> None:
    (stage / "half").write_bytes(b"")


def _cut_manifest(stage: Path) -> None:
    (stage / MANIFEST).write_bytes((stage / MANIFEST).read_bytes()[:50])


def _swap_manifest(stage: Path) -> None:
    doc = json.loads((stage / MANIFEST).read_text())
    (stage / MANIFEST).write_text(json.dumps(doc | {"inputs": {"recipe": "sha256:b", "seed": "0"}}))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_cut_weights, "not as its manifest says: weights"),
        (_change_weights, "not as its manifest says: weights"),
        (_lose_weights, "not as its manifest says: weights"),
        (_add_a_file, "not as its manifest says: half"),
        (_cut_manifest, "manifest.json"),
        (_swap_manifest, "was made from another recipe"),
    ],
)
def test_a_stage_that_changed_is_named_and_made_from_its_beginning(
    tmp_path: Path, harm: Callable[[Path], None], said: str
) -> None:
    run_stage(tmp_path / "s", INPUTS, work)
    harm(tmp_path / "s")
    assert finished(tmp_path / "s", INPUTS) is None
    told: list[str] = []
    manifest, skipped = run_stage(tmp_path / "s", INPUTS, work, tell=told.append)
    assert (skipped, manifest.facts, list(manifest.files)) == (False, {"found": False}, ["weights"])
    assert len(told) == 1
    assert str(tmp_path / "s") in told[0]
    assert said in told[0]
    assert whole(tmp_path / "s") == manifest


def test_a_stage_of_others_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        whole(tmp_path / "s")
    run_stage(tmp_path / "s", INPUTS, work)
    _change_weights(tmp_path / "s")
    with pytest.raises(ArenaError, match="not as its manifest says: weights"):
        whole(tmp_path / "s")


def test_what_every_machine_makes_is_named_by_what_it_was_made_from(tmp_path: Path) -> None:
    def digest(machine: str, seed: str) -> str:
        def train(folder: Path) -> Mapping[str, Fact]:
            (folder / "weights").write_text(f"rounded on {machine}")
            return NAMED_BY_INPUTS

        return output_digest(run_stage(tmp_path / machine / seed, {**INPUTS, "seed": seed}, train)[0])

    assert digest("one", "0") == digest("another", "0") != digest("another", "1")
    (tmp_path / "one" / "0" / "weights").write_text("damaged")
    with pytest.raises(ArenaError, match="damaged"):
        whole(tmp_path / "one" / "0")


def test_a_base_model_that_is_trained_on_the_spot_is_so_named(tmp_path: Path) -> None:
    context = EvaluationContext(
        recipe=small_recipe(), seed=0, engine=InMemoryEngine(), out=tmp_path, bases=tmp_path / "bases"
    )
    base = base_stage(context, lambda done, note: None)
    assert base.digest == documents.digest(base.manifest.inputs)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_s_fault_names_the_folder(tmp_path: Path, number: int) -> None:
    with pytest.raises(StorageError, match=f"{tmp_path}: the disk does not take"), disk_faults_named(tmp_path):
        raise OSError(number, os.strerror(number))


def test_other_faults_stay_what_they_are(tmp_path: Path) -> None:
    for error in (FileNotFoundError(errno.ENOENT, "gone"), RuntimeError("a bug"), DocumentError("odd")):
        with pytest.raises(type(error)) as caught, disk_faults_named(tmp_path / "not-there"):
            raise error
        assert caught.value is error
