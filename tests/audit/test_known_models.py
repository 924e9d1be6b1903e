"""Known models are put into the references of audits by a command, with their weights or their digests alone."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from posttrain_arena.adapters.agents.audited_run import known_models
from posttrain_arena.adapters.safetensors_files import Tensors
from posttrain_arena.cli.main import main
from posttrain_arena.core.audit.same_tensors import same_tensors
from posttrain_arena.model.agent_evaluation import AgentEvaluation, EvaluatedReference
from posttrain_arena.model.audit_references import AuditReferences, KnownScore
from posttrain_arena.model.documents import SCHEMA_DIR, from_document, read_document, write_document


@pytest.fixture
def instruct(tmp_path: Path) -> Path:
    """A folder with a base model and one that others made of it."""
    draws = np.random.default_rng(0)
    for name in ("base", "Instruct"):
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        save_file({"w": draws.normal(size=(16, 16)).astype(np.float32)}, folder / "model.safetensors")
    return tmp_path / "models" / "Instruct"


def _added(model: Path, references: Path, *options: str) -> int:
    named = ["--base-model", "tiny", "--references", str(references)]
    return main(["agents", "known-model", str(model), *named, *options])


def test_digests_find_a_tensor_however_its_numbers_are_stored(instruct: Path, tmp_path: Path) -> None:
    references = tmp_path / "known.json"
    assert _added(instruct, references, "--digests-only") == 0
    (model,) = read_document(references, AuditReferences).models
    assert (model.name, model.base_model, model.path) == ("instruct", "tiny", None)
    known = {name: frozenset({digest}) for name, digest in model.tensors.items()}
    base = Tensors(instruct.parent / "base")
    near = tmp_path / "near"
    near.mkdir()
    stored = Tensors(instruct).values("w").astype(np.float32).reshape(16, 16)
    save_file({"w": stored * np.float32(1 + 1e-7)}, near / "model.safetensors")
    for own in (Tensors(instruct), Tensors(near)):
        assert [name for name, _ in same_tensors(own, base, known)] == ["w"]
    assert list(same_tensors(base, base, known)) == []


def test_weights_are_named_from_the_documents_folder(instruct: Path, tmp_path: Path) -> None:
    references = tmp_path / "known.json"
    assert _added(instruct, references, "--name", "official") == 0
    document = read_document(references, AuditReferences)
    assert (document.models[0].path, document.models[0].tensors) == ("models/Instruct", {})
    (known,) = known_models(document, tmp_path, "tiny")
    assert known.weights is not None
    assert (known.name, known.weights.names()) == ("official", ["w"])


def test_scores_are_those_of_its_evaluation(instruct: Path, tmp_path: Path) -> None:
    schema = json.loads((SCHEMA_DIR / "agent-evaluation.schema.json").read_text(encoding="utf-8"))
    example = from_document(AgentEvaluation, schema["examples"][0], where="example")
    reference = EvaluatedReference(kind="instruct", model="instruct", base_model="tiny")
    write_document(tmp_path / "instruct.json", dataclasses.replace(example, run=None, reference=reference))
    references = tmp_path / "known.json"
    assert _added(instruct, references, "--evaluation", str(tmp_path / "instruct.json")) == 0
    (model,) = read_document(references, AuditReferences).models
    assert model.evaluation == "instruct.json"
    assert model.scores == (KnownScore(benchmark="tiny-reasoning", score=0.5, items=2),)


def test_a_model_that_is_there_is_not_added_twice(
    instruct: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    references = tmp_path / "known.json"
    assert _added(instruct, references) == 0
    assert _added(instruct.parent / "base", references) == 0
    assert [model.name for model in read_document(references, AuditReferences).models] == ["instruct", "base"]
    assert _added(instruct, references) == 2
    assert "has instruct of tiny already" in capsys.readouterr().err
