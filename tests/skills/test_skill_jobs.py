"""A job of the track skills: planned by the frozen agent, launched as one evaluation, scored and verified."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from launches import PLACE, RentedMachines, desk, launch
from synthetic_runs import evaluation, facts

from posttrain_arena.cli.job_files import read_job, read_skills, read_training_job
from posttrain_arena.cli.known import known_here
from posttrain_arena.cli.launch import Asked, launch_job
from posttrain_arena.cli.main import main
from posttrain_arena.cli.results import add_run, make_run, write_board
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.contest.train_comment import TrainNews, train_comment
from posttrain_arena.core.leaderboard.chain import Known, links
from posttrain_arena.core.leaderboard.runs import RunFacts
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.documents import REPOSITORY_ROOT, digest, read_document, to_document
from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef
from posttrain_arena.model.launch import StageRun
from posttrain_arena.model.lock import locked
from posttrain_arena.model.reference_agent import ReferenceAgent, equipped

EXAMPLE = REPOSITORY_ROOT / "starting-kit" / "example-skills"
TINY = REPOSITORY_ROOT / "sky" / "agents" / "tiny.yaml"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "tree" / "submissions" / "team-south")
    return tmp_path / "tree"


def planned(tree: Path, out: Path, *more: str) -> Path:
    words = ["plan", "--tree", str(tree), "--entry", "submissions/team-south", "--out", str(out), *more]
    assert main(words) == 0
    return out / "job.json"


def test_an_entry_is_planned_with_the_agent_of_the_competition_whatever_the_recipe(tree: Path, tmp_path: Path) -> None:
    path = planned(tree, tmp_path / "job", "--recipe", str(REPOSITORY_ROOT / "sky" / "recipes" / "tiny.yaml"))
    job, agent = read_job(path)
    frozen = read_competition(REPOSITORY_ROOT / "competition.yaml").reference_agent.document()
    assert agent == frozen
    assert job.entry.track == "skills"
    assert job.recipe.digest == digest(to_document(frozen))
    assert len(read_skills(path, job).cards) == 20


def test_another_agent_can_be_named_and_is_another_job(tree: Path, tmp_path: Path) -> None:
    ours, theirs = planned(tree, tmp_path / "a"), planned(tree, tmp_path / "b", "--agent", str(TINY))
    assert read_document(theirs.parent / "recipe.json", ReferenceAgent).name == "tiny-reader"
    assert read_document(ours, Job).digest != read_document(theirs, Job).digest


def test_a_folder_with_a_job_is_not_written_into(tree: Path, tmp_path: Path, capsys) -> None:
    path = planned(tree, tmp_path / "job")
    before = path.read_bytes()
    words = ["plan", "--tree", str(tree), "--entry", "submissions/team-south", "--agent", str(TINY)]
    assert main([*words, "--out", str(path.parent)]) == 2
    assert f"--out {path.parent}: is not an empty folder" in capsys.readouterr().err
    assert main([*words, "--out", str(path)]) == 2
    assert path.read_bytes() == before


def test_changed_skills_and_a_changed_agent_are_refused(tree: Path, tmp_path: Path) -> None:
    path = planned(tree, tmp_path / "job", "--agent", str(TINY))
    job = read_document(path, Job)
    (path.parent / job.entry.path / "skills" / "initials" / "SKILL.md").open("a").write("more\n")
    with pytest.raises(UsageError, match="the entry at"):
        read_skills(path, job)
    agent = path.parent / "recipe.json"
    agent.write_text(agent.read_text().replace('"max_turns": 5', '"max_turns": 6'))
    with pytest.raises(UsageError, match="the reference agent at"):
        read_job(path)


def test_nothing_is_trained_on_skills(tree: Path, tmp_path: Path) -> None:
    path = planned(tree, tmp_path / "job", "--agent", str(TINY))
    with pytest.raises(UsageError, match="on which nothing is trained"):
        read_training_job(path)
    assert main(["post-train", str(path), "--out", str(tmp_path / "out")]) == 2
    words = ["evaluate", str(path), "--suite", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main([*words, "--checkpoint", str(tmp_path)]) == 2


def test_a_launch_is_one_evaluation_whose_machine_has_suite_and_entry(tree: Path, tmp_path: Path) -> None:
    path, machines, ledger = planned(tree, tmp_path / "job"), RentedMachines(), tmp_path / "ledger"
    ledger.mkdir()
    at = desk(ledger, machines)
    with locked(ledger):
        base, own = launch_job(at, path, Asked(place=PLACE, pull=7, head="a" * 40, exhibition=""))
    assert [stage.stage for stage in base.stages] == ["baseline"]
    assert [(stage.stage, stage.state) for stage in own.stages] == [("evaluate-skills", "launched")]
    task = machines.tasks[f"{own.name}-evaluate-skills"]
    assert task["run"].endswith("node.sh run evaluate-skills")
    assert task["resources"]["any_of"][0]["accelerators"] == "H100:1"
    given = Path(task["envs"]["ARENA_JOB"])
    assert (given / "entry" / "skills" / "initials" / "SKILL.md").is_file()
    assert task["envs"]["ARENA_SUITE"] == PLACE.suite
    assert b"scripts/run.sh\0" in (given / "executable").read_bytes()
    alone = Path(machines.tasks[f"{base.name}-baseline"]["envs"]["ARENA_JOB"])
    assert not (alone / "entry").exists()
    text = train_comment(TrainNews(launch=own, baseline=base))
    assert "| Evaluation with the skills | launched |" in text
    assert "Post-training" not in text


def test_a_dry_run_prices_the_evaluation_and_its_baseline(
    tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = planned(tree, tmp_path / "job", "--agent", str(TINY))
    assert main(["launch", str(path), "--suite", str(tmp_path), "--store", "s3://arena", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "evaluate-skills: nebius cpu at $0.10/h" in told
    assert "baseline: nebius cpu at $0.10/h" in told
    assert "post-train" not in told


def skill_facts(**changes: object) -> RunFacts:
    """Return the facts of a run of the track, by the tiny agent's words."""
    found = facts("team-south")
    entry, model = replace(found.entry, track="skills"), digest("the agent's model")
    rates = {name: {f"T-{task:03}": [rate > task % 4] * 4 for task in range(24)} for name, rate in (("a", 1), ("b", 3))}
    base = replace(evaluation("base", _numbers(rates["a"])), checkpoint=model)
    given = replace(evaluation("skills", _numbers(rates["b"])), checkpoint=equipped(model, entry.digest))
    job = Job(
        entry=EntryRef(name=entry.name, team=entry.team, track="skills", path="", digest=entry.digest),
        recipe=RecipeRef(path="", digest=found.recipe.digest),
        suite=SuiteRef(name=given.suite, digest=given.suite_digest),
        seed=found.seed,
    )
    whole = replace(
        found,
        entry=entry,
        job=job.digest,
        base_model=model,
        baseline=base,
        evaluations=(base, given),
        scored_stage="skills",
        curves=(),
        checkpoint_steps={},
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def _numbers(rewards: dict[str, list[bool]]) -> dict[str, list[float]]:
    return {name: [float(value) for value in values] for name, values in rewards.items()}


def states(found: RunFacts) -> dict[str, str]:
    return {link.name: link.state for link in links(make_run(found), Known())}


def test_a_run_leads_back_to_one_agent_with_these_skills() -> None:
    assert states(skill_facts())["skills"] == "holds"
    assert states(skill_facts())["job"] == "holds"
    assert "skills" not in states(facts())


def test_a_baseline_of_another_model_and_the_skills_of_another_entry_are_named() -> None:
    found = skill_facts()
    assert states(replace(found, base_model=digest("another")))["skills"] == "broken"
    other = replace(found.evaluations[1], checkpoint=equipped(found.base_model, digest("another entry")))
    assert states(replace(found, evaluations=(found.evaluations[0], other)))["skills"] == "broken"


def test_both_boards_stand_side_by_side_and_verify(tmp_path: Path) -> None:
    leaderboard = tmp_path / "leaderboard"
    for found in (skill_facts(), facts()):
        add_run(make_run(found), leaderboard)
    write_board(leaderboard)
    doc = documents.parse_text((leaderboard / "leaderboard.json").read_text(), where="board")
    assert [section["track"] for section in doc["sections"]] == ["environments", "skills"]
    assert doc["sections"][1]["rows"][0]["delta"] == pytest.approx(0.5)
    assert main(["leaderboard", "verify", "--leaderboard", str(leaderboard)]) == 0
    (path,) = (leaderboard / "runs").glob("team-south-*.json")
    path.write_text(path.read_text().replace('"stage": "skills"', '"stage": "tricks"'))
    assert main(["leaderboard", "verify", "--leaderboard", str(leaderboard)]) == 1


def test_the_page_of_a_run_speaks_of_agent_and_skills(tmp_path: Path) -> None:
    add_run(make_run(skill_facts()), tmp_path / "leaderboard")
    assert main(["site", "build", "--leaderboard", str(tmp_path / "leaderboard"), "--out", str(tmp_path / "site")]) == 0
    (page,) = (tmp_path / "site" / "runs").glob("team-south-*.html")
    text = page.read_text()
    assert "Reference agent" in text
    assert "one frozen agent with these skills and without any" in text
    assert "training seed" not in text
    assert "team-south" in (tmp_path / "site" / "skills.html").read_text()


def test_the_comment_tells_both_sides() -> None:
    stage = StageRun(stage="evaluate-skills", state="succeeded")
    text = train_comment(TrainNews(launch=launch(stages=[stage]), result=make_run(skill_facts()), page="x"))
    assert "Pass rate 0.250 without the skills and 0.750 with them" in text


def test_the_agents_of_a_checkout_are_known_by_their_digests() -> None:
    rules = read_competition(REPOSITORY_ROOT / "competition.yaml")
    known = known_here(REPOSITORY_ROOT, rules)
    assert known.recipes[digest(to_document(rules.reference_agent.document()))] == "qwen3-8b-bash"
    assert "tiny-reader" in known.recipes.values()
