"""The example that asks arXiv: its ladder where a container plays arXiv, and what is said where none does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from played_hosts import ARXIV, PlayedHosts, arxiv, certificate, played

from posttrain_arena.adapters.docker_engine.egress import Uplink
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.cli.check import check
from posttrain_arena.cli.ladder import trial_findings
from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.check.present import as_text
from posttrain_arena.core.check.targets import find_targets
from posttrain_arena.core.check.text_file import line_reader
from posttrain_arena.core.trial.agents import Oracle
from posttrain_arena.core.trial.ladder import climb
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.supply import Supply
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.report import Report
from posttrain_arena.model.trial import Trial

pytestmark = pytest.mark.docker
EXAMPLE = REPOSITORY_ROOT / "starting-kit" / "examples" / "bibliography-merge-exports"
QUERY = "/api/query?id_list=1412.6980v9,1505.04597v1,1512.03385v1,1706.03762v7,math/0211159v1&max_results=5"


@pytest.fixture(scope="module")
def todays(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PlayedHosts, bytes]]:
    """arXiv as it answers today, by sending every request on to https; and the certificate that it shows."""
    files = certificate(tmp_path_factory.mktemp("cert"), ARXIV)
    with played([arxiv("--redirect", files=files)]) as hosts:
        yield hosts, files["cert.pem"]


def tried_by_oracle(package: Path, uplink: Uplink) -> Trial:
    with DockerEngine(uplink=uplink) as engine:
        return run_trial(TrialRequest(task=load_package(package), agent=Oracle()), engine)


def checked(package: Path, uplink: Uplink) -> tuple[Report, list[str]]:
    """Check a package at publication-grade over an uplink; return the report and what was said meanwhile."""
    said: list[str] = []
    try_all = partial(trial_findings, announce=said.append, remember=False, uplink=uplink)
    return check(find_targets([package]), level="publication-grade", remember=False, try_all=try_all), said


def changed(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """Return a copy of the example with one file changed."""
    package = tmp_path / EXAMPLE.name
    shutil.copytree(EXAMPLE, package)
    text = (package / file).read_text(encoding="utf-8")
    assert old in text
    (package / file).write_text(text.replace(old, new), encoding="utf-8")
    return package


def test_whole_ladder_is_climbed_and_every_request_is_in_the_record() -> None:
    with played([arxiv()]) as hosts, DockerEngine(uplink=hosts.uplink) as engine:
        result = climb(load_package(EXAMPLE), engine, cores=Supply(2))
        asked = hosts.said(ARXIV)
    assert (result.findings, result.broken) == ((), ())
    rewards = [trial.reward for trial in result.trials]
    assert rewards == [1.0, 0.0, 1.0, *[0.0] * (len(rewards) - 3)]
    assert sum(trial.agent.startswith("probe:") for trial in result.trials) >= 16
    requests = {trial.agent: trial.requests for trial in result.trials if trial.requests}
    assert requests.keys() == {"oracle"}, "no other agent asked for anything"
    assert [(one.host, one.port, one.allowed) for one in requests["oracle"]] == [(ARXIV, 80, True)]
    assert asked == [QUERY, QUERY], "one polite request in each trial of the oracle"


def test_redirect_to_https_is_followed_where_the_image_trusts_the_host(
    todays: tuple[PlayedHosts, bytes], tmp_path: Path
) -> None:
    hosts, cert = todays
    trusting = "WORKDIR /root\nCOPY played.crt /etc/ssl/played.crt\nENV SSL_CERT_FILE=/etc/ssl/played.crt\n"
    package = changed(tmp_path, "environment/Dockerfile", "WORKDIR /root\n", trusting)
    (package / "environment" / "played.crt").write_bytes(cert)
    trial = tried_by_oracle(package, hosts.uplink)
    assert trial.passed, trial.agent_log
    assert [(one.port, one.allowed, one.why) for one in trial.requests] == [(80, True, ""), (443, True, "")]
    assert hosts.said(ARXIV) == [QUERY], "the path survives the redirect"


def test_host_that_shows_a_certificate_of_nobody_is_not_believed(todays: tuple[PlayedHosts, bytes]) -> None:
    trial = tried_by_oracle(EXAMPLE, todays[0].uplink)
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.reason) == ("author", "oracle-failed")
    assert "CERTIFICATE_VERIFY_FAILED" in trial.failure.detail


@pytest.mark.parametrize(
    ("wrong", "told"),
    [("1512.99999v1", "arXiv does not know 1512.99999v1"), ("1512-03385v1", "HTTP Error 400: Bad Request")],
    ids=["unknown", "malformed"],
)
def test_wrong_id_in_the_data_is_the_authors_to_mend(
    wrong: str, told: str, internet: PlayedHosts, tmp_path: Path
) -> None:
    package = changed(tmp_path, "environment/library/preprints.bib", "1512.03385v1", wrong)
    trial = tried_by_oracle(package, internet.uplink)
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.reason) == ("author", "oracle-failed")
    assert told in trial.failure.detail


def test_without_the_host_the_check_says_what_is_missing_and_blames_no_author() -> None:
    with played([]) as nowhere:
        report, said = checked(EXAMPLE, nowhere.uplink)
    assert (report.outcome, report.counts.errors) == ("broken", 0)
    told = (
        "failed in agent: host-unreachable (owner: infrastructure): export.arxiv.org cannot be reached from this "
        "machine (its name has no address), and the oracle failed without it: try again where the internet can be "
        "reached"
    )
    assert told in as_text(report, line_reader())
    assert sum("oracle: agent failed: host-unreachable" in line for line in said) == 1, "it is not tried again"


def test_host_that_does_not_answer_is_told_apart_from_one_that_is_not_there(
    internet: PlayedHosts, tmp_path: Path
) -> None:
    package = changed(tmp_path, "oracle/solve.sh", "http://export", "https://export")
    trial = tried_by_oracle(package, internet.uplink)
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.reason) == ("infrastructure", "host-unreachable")
    assert "(nothing answers on port 443)" in trial.failure.detail
    assert [(one.port, one.allowed, one.unreachable) for one in trial.requests] == [(443, True, True)] * 3
