"""What the hub refuses is told by its reason, and changes nothing; the token never stands in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hub_stand_in import TAKEN, TOKEN, HubStandIn, Repository

from posttrain_arena.adapters.hub_uploads import Upload, upload
from posttrain_arena.errors import HubError

REPO, MARK = "my-org/my-model", "report/run.json"
CARD = "---\nlicense: mit\n---\n# A model\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small publication."""
    (tmp_path / "report").mkdir()
    (tmp_path / MARK).write_text("{}")
    (tmp_path / "README.md").write_text(CARD)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights")
    return tmp_path


def _what(folder: Path, **changes: Any) -> Upload:
    given = {"folder": folder, "repo": REPO, "private": False, "mark": MARK, "message": "Publish it"}
    return Upload(**(given | changes))


def _existing(stand_in: type[HubStandIn], **files: bytes) -> Repository:
    repository = Repository(private=False)
    repository.files.update(files)
    stand_in.repositories[REPO] = repository
    return repository


def _refused(what: Upload, url: str, *, token: str = TOKEN) -> HubError:
    with pytest.raises(HubError) as caught:
        upload(what, token=token, endpoint=url)
    assert token not in str(caught.value)
    return caught.value


def test_an_upload_is_one_commit_on_what_was_there(folder: Path, hub: tuple[type[HubStandIn], str]) -> None:
    stand_in, url = hub
    first = upload(_what(folder), token=TOKEN, endpoint=url)
    again = upload(_what(folder), token=TOKEN, endpoint=url)
    assert (first.new, again.new) == (True, False)
    assert first.commit == again.commit == stand_in.repositories[REPO].sha
    assert first.url == f"{url}/{REPO}"
    (folder / "README.md").write_text(CARD + "More.\n")
    assert upload(_what(folder), token=TOKEN, endpoint=url).new
    assert [summary for summary, _ in stand_in.repositories[REPO].commits] == ["initial commit", *["Publish it"] * 2]
    assert sum(line.startswith("PUT /lfs/") for line in stand_in.asked) <= 1, (
        "weights that are there are not sent again"
    )


def test_a_wrong_token_is_refused(folder: Path, hub: tuple[type[HubStandIn], str]) -> None:
    error = _refused(_what(folder), hub[1], token="hf_wrong")
    assert (error.reason, error.exit_code) == ("refused", 3)
    assert "Invalid username or password" in str(error)
    assert hub[0].repositories == {}


def test_a_namespace_of_others_is_refused(folder: Path, hub: tuple[type[HubStandIn], str]) -> None:
    error = _refused(_what(folder, repo=f"{TAKEN}/model"), hub[1])
    assert error.reason == "refused"
    assert "don't have the rights to create a model" in str(error)


def test_a_repository_with_other_files_is_left_alone(folder: Path, hub: tuple[type[HubStandIn], str]) -> None:
    repository = _existing(hub[0], **{"weights.bin": b"x"})
    assert "holds files that are no publication (weights.bin)" in str(_refused(_what(folder), hub[1]))
    assert len(repository.commits) == 1


def test_what_shall_be_private_is_not_put_where_all_can_see(folder: Path, hub: tuple[type[HubStandIn], str]) -> None:
    repository = _existing(hub[0])
    assert f"{REPO} is public already" in str(_refused(_what(folder, private=True), hub[1]))
    assert len(repository.commits) == 1


def test_metadata_that_the_hub_does_not_take_stops_before_anything_is_sent(
    folder: Path, hub: tuple[type[HubStandIn], str]
) -> None:
    (folder / "README.md").write_text("# No metadata\n")
    assert '"license" is required' in str(_refused(_what(folder), hub[1]))
    assert hub[0].stored == {}


def test_an_upload_of_somebody_else_in_between_is_not_overwritten(
    folder: Path, hub: tuple[type[HubStandIn], str]
) -> None:
    stand_in, url = hub
    repository = _existing(stand_in)
    original = stand_in._validate

    def overtaken(self: HubStandIn, content: str) -> None:
        repository.commits.append(("theirs", dict(repository.files)))
        original(self, content)

    stand_in._validate = overtaken
    assert "A commit has happened since" in str(_refused(_what(folder), url))
    assert repository.commits[-1][0] == "theirs"


def test_a_hub_out_of_order_is_the_network_s_fault(folder: Path, hub: tuple[type[HubStandIn], str]) -> None:
    hub[0].broken = True
    assert _refused(_what(folder), hub[1]).reason == "network"
    assert _refused(_what(folder), "http://127.0.0.1:9").reason == "network"


def test_a_name_that_the_hub_has_no_room_for_is_refused(folder: Path, hub: tuple[type[HubStandIn], str]) -> None:
    assert "is no name of a repository" in str(_refused(_what(folder, repo="my-org/my--model"), hub[1]))
