"""Seal, evaluate, score, reveal, verify: a sealed suite from beginning to end, in Docker, with a policy of its own."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sealed_suites import Sealed, seal_suite

from posttrain_arena.cli.main import main
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.cli.results import make_run
from posttrain_arena.cli.run_context import stage
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.leaderboard.runs import RunFacts
from posttrain_arena.core.training.records import read_trials
from posttrain_arena.model import documents
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef
from posttrain_arena.model.leaderboard_run import Entry, LeaderboardRun, Pin
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.sealed_suite import RevealedSuite
from posttrain_arena.model.suite import SEALED
from posttrain_arena.model.tree import tree_digest

if TYPE_CHECKING:
    from tiny_policy import TinyPolicy

pytestmark = [pytest.mark.docker, pytest.mark.training]
SEED = 5


@dataclass(frozen=True)
class Operator:
    """An operator's machine: what is private in ``private``, what is public in ``board``."""

    top: Path
    sealed: Sealed
    job: Path

    @property
    def board(self) -> Path:
        return self.top / "leaderboard"

    @property
    def private(self) -> Path:
        return self.top / "private"

    @property
    def checkpoint(self) -> Path:
        return self.private / "run" / "sft"

    @property
    def suite(self) -> list[str | Path]:
        given = {"--suite": self.sealed.suite, "--sealed": self.sealed.record, "--key": self.sealed.key}
        return [word for pair in given.items() for word in pair] + ["--bases", self.top / "bases"]

    def arena(self, *words: str | Path) -> int:
        return main([*map(str, words)])

    def verify(self) -> int:
        return self.arena(
            "leaderboard",
            "verify",
            "--leaderboard",
            self.board,
            "--competition",
            self.sealed.competition,
            "--suite",
            self.sealed.suite,
        )

    def evaluation(self, name: str) -> Evaluation:
        return documents.read_document(
            self.private / "evaluations" / f"evaluation-{name}" / "evaluation.json", Evaluation
        )

    def run(self) -> LeaderboardRun:
        """Return the run that the two evaluations are."""
        job = documents.read_document(self.job, Job)
        base, sft = self.evaluation("base"), self.evaluation("sft")
        return make_run(
            RunFacts(
                entry=Entry(
                    name=job.entry.name, team=job.entry.team, title="", track=job.entry.track, digest=job.entry.digest
                ),
                job=job.digest,
                recipe=Pin(name="tiny", digest=job.recipe.digest),
                base_model=base.checkpoint,
                seed=job.seed,
                baseline=base,
                evaluations=(base, sft),
                scored_stage="sft",
            )
        )


def _job(folder: Path, recipe: Recipe, root: str) -> Path:
    entry = folder / "entry"
    render_family(FAMILIES / "copy-colour", Draw(split="train", count=2, seed=0), out=entry / "envs")
    documents.write_document(folder / "recipe.json", recipe)
    job = Job(
        entry=EntryRef(name="team-a", team="Team A", track="environments", path="entry", digest=tree_digest(entry)),
        recipe=RecipeRef(path="recipe.json", digest=documents.digest(documents.to_document(recipe))),
        suite=SuiteRef(name=SEALED, digest=f"sha256:{root}"),
        seed=SEED,
    )
    documents.write_document(folder / "job.json", job)
    return folder / "job.json"


@pytest.fixture(scope="module")
def operator(tiny: TinyPolicy, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """A sealed suite, a trained adapter, and both evaluations, made by the commands."""
    from tiny_policy import tiny_recipe

    top = tmp_path_factory.mktemp("operator")
    sealed = seal_suite(top, leaderboard=top / "leaderboard")
    recipe = tiny_recipe(evaluation={"trials_per_task": 2, "baseline_trials_per_task": 2, "concurrency": 2})
    job = _job(top / "job", recipe, sealed.root)
    found = Operator(top=top, sealed=sealed, job=job)

    def trained(out: Path) -> dict[str, int]:
        shutil.copytree(tiny.adapters[0], out / "adapter")
        return {}

    inputs = {"recipe": documents.read_document(job, Job).recipe.digest, "seed": str(SEED)}
    stage(found.checkpoint, inputs, trained)
    common = [job, *found.suite, "--out", found.private / "evaluations"]
    assert found.arena("evaluate", *common) == 0
    assert found.arena("evaluate", *common, "--checkpoint", found.checkpoint) == 0
    return found


def texts(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_text(encoding="utf-8", errors="replace")


def test_nothing_that_an_evaluation_writes_tells_of_a_task(
    operator: Operator, capfd: pytest.CaptureFixture[str]
) -> None:
    out = operator.private / "again"
    assert (
        operator.arena("evaluate", operator.job, *operator.suite, "--out", out, "--checkpoint", operator.checkpoint)
        == 0
    )
    told = [("output", "".join(capfd.readouterr())), *texts(out), *texts(operator.private / "evaluations")]
    packages = list(operator.sealed.suite.iterdir())
    words = {package.name for package in packages} | {
        tree_digest(package).removeprefix("sha256:") for package in packages
    }
    for package in packages:
        text = (package / "task.md").read_text(encoding="utf-8").partition("## prompt")[2]
        words |= {line.strip() for line in text.splitlines() if len(line.strip()) > 12}
        words |= {(package / "verifier" / "expected.txt").read_text().strip(), str(package)}
    assert len(words) > 2 * len(packages)
    for where, text in told:
        for word in words:
            assert not re.search(rf"\b{re.escape(word)}\b", text), (where, word)
    assert {path.name for path, _ in texts(out)} >= {"evaluation.json", "trials.jsonl", "manifest.json"}


def test_trials_have_opaque_names_rewards_and_counts_and_no_words(operator: Operator) -> None:
    evaluation = operator.evaluation("sft")
    assert [task.id for task in evaluation.tasks] == [f"T-00{number}" for number in range(1, 7)]
    assert (evaluation.suite, evaluation.suite_digest) == (SEALED, f"sha256:{operator.sealed.root}")
    leaves = {row["leaf"] for row in json.loads(operator.sealed.record.read_bytes())["leaves"]}
    assert {task.digest.removeprefix("sha256:") for task in evaluation.tasks} == leaves
    trials = read_trials(operator.private / "evaluations" / "evaluation-sft" / "trials.jsonl")
    assert len(trials) == 12
    assert all(trial.task.startswith("T-") and trial.image is None and trial.reward is not None for trial in trials)
    turns = [turn for trial in trials for turn in trial.trajectory]
    assert not [turn for turn in turns if turn.content or turn.tool_calls or turn.token_ids]
    assert any(turn.completion_tokens for turn in turns if turn.role == "assistant")


def test_the_same_job_on_a_plain_folder_or_another_key_is_refused(operator: Operator, tmp_path: Path, capsys) -> None:
    plain = tmp_path / "plain"
    shutil.copytree(operator.sealed.suite, plain)
    assert operator.arena("suite", "write", plain) == 0
    assert operator.arena("evaluate", operator.job, "--suite", plain, "--out", tmp_path / "out") == 2
    assert "is not the one the job pins" in capsys.readouterr().err
    other = seal_suite(tmp_path / "other")
    words = ["--suite", other.suite, "--sealed", other.record, "--key", other.key, "--out", tmp_path / "out"]
    assert operator.arena("evaluate", operator.job, *words) == 2
    assert "plan a job for it" in capsys.readouterr().err
    assert operator.arena("evaluate", operator.job, *words[:4], "--out", tmp_path / "out") == 2
    assert "--sealed and --key belong together" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def changed(path: Path, at: bytes) -> bytes:
    """Change the first digit (decimal or hexadecimal) after ``at`` into another one; return what the file held."""
    data = path.read_bytes()
    found = re.compile(rb"[0-9a-f]").search(data, data.index(at) + len(at))
    assert found, f"{path}: no digit after {at!r}"
    path.write_bytes(data[: found.start()] + (b"1" if found.group() == b"0" else b"0") + data[found.end() :])
    return data


def test_from_seal_to_verify(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    files = [operator.private / "evaluations" / f"evaluation-{name}" / "evaluation.json" for name in ("sft", "base")]
    assert operator.arena("score", *files) == 0
    assert "on sealed" in capsys.readouterr().out
    run, result = operator.run(), operator.private / "run.json"
    documents.write_document(result, run)
    assert operator.arena("leaderboard", "add", result, "--leaderboard", operator.board) == 0
    assert operator.verify() == 0
    assert not list((operator.board / "runs").glob("*")), "no reward of a single task is public before the reveal"

    assert operator.sealed.reveal("--leaderboard", operator.board, "--runs", result) == 0
    assert operator.arena("leaderboard", "build", "--leaderboard", operator.board) == 0
    assert operator.verify() == 0
    revealed = documents.read_document(operator.sealed.revealed, RevealedSuite)
    assert {task.id for task in revealed.tasks} == {package.name for package in operator.sealed.suite.iterdir()}

    public = operator.board / "runs" / f"{run.id}.json"
    package = sorted(operator.sealed.suite.iterdir())[0]
    task = next(task for task in revealed.tasks if task.id == package.name)
    for path, at, named in (
        (package / "verifier" / "expected.txt", b"", f"{task.opaque} ({task.id}): its files are not those"),
        (public, b'"rewards": [\n            ', f"{public}: as before the reveal/evaluations/0/digest"),
        (public, b'"analysis_digest": "sha256:', f"{public}: score/analysis_digest"),
        (operator.sealed.record, b'"root": "', f"{operator.sealed.record}: root"),
        (operator.sealed.revealed, b'"salt": "', f"{operator.sealed.revealed}: T-001"),
        (operator.board / "sealed" / "runs" / public.name, b'"delta": ', public.name),
        (operator.board / "leaderboard.json", b'"delta": ', f"{operator.board / 'leaderboard.json'}: sections/0/rows"),
    ):
        before = changed(path, at)
        capsys.readouterr()
        assert operator.verify() == 1, path
        assert named in capsys.readouterr().err, path
        path.write_bytes(before)
    assert operator.verify() == 0

    words = [
        run.id,
        "--leaderboard",
        operator.board,
        "--job",
        operator.job,
        *operator.suite,
        "--checkpoint",
        operator.checkpoint,
    ]
    capsys.readouterr()
    assert operator.arena("leaderboard", "reproduce", *words) == 0
    said = capsys.readouterr().out
    assert "score:       reproduced: every number of team-a-" in said
    assert "baseline:    reproduced: all " in said
    assert "evaluation:  reproduced: all 12 rewards are what they were" in said
    assert "training:    not reproduced: needs --job and --train" in said
