"""The whole loop with nothing played but github.com: from a fork's pull request over a Slurm cluster to the page."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from launch_site import SERVER, Site

from posttrain_arena.cli.demo_kit import RECIPES, SHORT, Kit, make_kit
from posttrain_arena.model import documents
from posttrain_arena.model.documents import REPOSITORY_ROOT

if TYPE_CHECKING:
    from act_contest import Asking
    from act_run import Ran

LIMIT_SEC = 3600
POLL_SEC = 15
ENTRY = "submissions/team-north"
ENDPOINT = SERVER.replace("127.0.0.1", "127.1")
"""The server by a name that SkyPilot does not take for its own machine's. A run's files are gone when jobs start, so
they must be sent to the server, as from github.com."""

RECIPE = "tiny-loop"
"""What this contest trains by: the short recipe of the tiny model, with the trials of the published analysis."""


@dataclass(frozen=True)
class Told:
    """A pull request on the played github.com, and what its workflows led to."""

    asking: Asking
    checked: list[tuple[str, Ran]]
    launched: Ran
    collected: list[tuple[str, Ran]]


def _contest(kit: Kit) -> dict[str, bytes]:
    """Return the files of main that say what is trained and measured: the tiny model, the kit's held-out tasks."""
    suite = replace(kit.suite, name="public-sample")
    documents.write_document(kit.folder / "suite" / "suite.json", suite)
    rules = (REPOSITORY_ROOT / "competition.yaml").read_text(encoding="utf-8")
    sample = next(line for line in rules.splitlines() if line.lstrip().startswith("public_sample:"))
    measured = f'  public_sample: {{tasks: {len(suite.tasks)}, digest: "{suite.digest}"}}'
    short = (
        (RECIPES / f"{SHORT.recipe}.yaml")
        .read_text(encoding="utf-8")
        .replace(f"name: {SHORT.recipe}", f"name: {RECIPE}")
    )
    few, planned = "{trials_per_task: 2, baseline_trials_per_task: 2}", "{baseline_trials_per_task: 16}"
    assert few in short
    rules = rules.replace(sample, measured).replace("recipe: qwen3-8b,", f"recipe: {RECIPE},")
    return {"competition.yaml": rules.encode(), f"sky/recipes/{RECIPE}.yaml": short.replace(few, planned).encode()}


@pytest.fixture(scope="module")
def asking(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """Return a fork's pull request, and runners that reach the cluster's API server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(REPOSITORY_ROOT / "tests" / "github"))
        patch.syspath_prepend(str(REPOSITORY_ROOT / "tests"))
        from act_contest import Asking
        from act_harness import project_in, with_project
        from act_run import Runner
        from contract import DESCRIPTION, Contract
        from fake_github import FakeGitHub, served

        folder = tmp_path_factory.mktemp("github")
        kit = make_kit(folder / "kit", SHORT)
        github = FakeGitHub(folder, Contract() if DESCRIPTION.exists() else None)
        github.store.write("main", {"README.md": b"# Arena\n"})
        with served(github):
            actions = with_project(github, project_in(folder), folder / "actions")
            github.store.write("main", _contest(kit))
            actions.only = ("check", "gauntlet", "report", "post-train", "collect", "pages")
            actions.runner = Runner(
                secrets={"SKYPILOT_API_SERVER_ENDPOINT": ENDPOINT},
                variables={
                    "ARENA_STORE": str(site.store),
                    "ARENA_SUITE": str(kit.folder / "suite"),
                    "ARENA_INFRA": "slurm/arena",
                },
                environment={**_cluster(site), "ARENA_PYTHON": str(site.python), "ACT_MACHINES": ""},
            )
            paths = (path for path in kit.entry.rglob("*") if path.is_file())
            yield Asking(actions, {f"{ENTRY}/{path.relative_to(kit.entry)}": path.read_bytes() for path in paths})
        shutil.rmtree(folder)
        assert github.faults == []


def _cluster(site: Site) -> dict[str, str]:
    """Return what of the environment leads to the cluster."""
    wanted = (
        "HOME",
        "PATH",
        "SLURM_CONF",
        "ARENA_SLURM_DIR",
        "ARENA_SLURM_CLIENT",
        "SKYPILOT_DISABLE_USAGE_COLLECTION",
    )
    return {name: site.environment[name] for name in wanted}


@pytest.fixture(scope="module")
def told(asking: Asking) -> Told:
    """Check, label, and collect until the result is signed for."""
    asking.actions.pull_event(asking.pull, "opened")
    checked = asking.actions.drain()
    launched = asking.label()
    assert launched.jobs == {"authorise": "success", "plan": "success", "launch": "success"}, launched.text
    deadline = time.monotonic() + LIMIT_SEC
    while True:
        collected = asking.collect()
        if collected[0][1].record and "keep" in collected[0][1].jobs:
            return Told(asking=asking, checked=checked, launched=launched, collected=collected)
        stages = [stage for launch in asking.ledger().values() for stage in launch.stages]
        failures = [f"{stage.stage}: {stage.failure.detail}" for stage in stages if stage.failure is not None]
        assert not failures, "\n".join(failures)
        assert time.monotonic() < deadline, stages
        time.sleep(POLL_SEC)


def test_the_pull_request_was_checked_by_real_trials(told: Told) -> None:
    assert all(ran.conclusion == "success" for _, ran in told.checked), [ran.text for _, ran in told.checked]
    assert "check-passed" in told.asking.pull.labels


def test_the_cluster_ran_each_stage_once(told: Told) -> None:
    launched = told.asking.ledger()
    stages = [stage for launch in launched.values() for stage in launch.stages]
    assert [stage.state for stage in stages] == ["succeeded"] * 3
    assert len({stage.sky_id for stage in stages}) == 3
    assert all(stage.seconds > 0 for stage in stages)


def test_the_result_is_committed_signed_for_told_and_shown(told: Told) -> None:
    (_, collected), (name, pages) = told.collected
    assert collected.jobs == {"collect": "success", "attest": "success", "keep": "success"}, collected.text
    assert (name, pages.jobs) == ("pages", {"build": "success", "deploy": "success"}), pages.text
    store = told.asking.github.store
    main = store.ref("refs/heads/main")
    signed, added = store.git("diff", "--name-only", f"{main}~2", main).decode().split()
    run = json.loads(store.blob(main, added)[1])
    assert run["entry"]["name"] == "team-north"
    assert [evaluation["stage"] for evaluation in run["evaluations"]] == ["base", "sft", "grpo"]
    assert signed == added.replace("/runs/", "/attestations/runs/").replace(".json", ".sigstore")
    assert f"### Lift {run['score']['delta']:+.3f}" in told.asking.comment("arena:post-train")
    assert (pages.artifact("github-pages") / "runs" / Path(added).with_suffix(".html").name).is_file()
