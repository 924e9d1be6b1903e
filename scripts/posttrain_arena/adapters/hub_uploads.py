"""Upload a folder to a model repository of the Hugging Face Hub, in one commit or none."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.utils.tqdm import disable_progress_bars

from posttrain_arena.errors import HubError


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A folder, and the repository (``owner/name``) that shall hold it. Every upload has ``mark`` among its files."""

    folder: Path
    repo: str
    private: bool
    mark: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """Where it is, the commit, and whether the commit is new: the same content twice is one commit."""

    url: str
    commit: str
    new: bool


def upload(what: Upload, *, token: str, endpoint: str | None = None) -> Uploaded:
    """Make the repository, if need be, and have it hold the folder's files and no others.

    ``endpoint`` is the address of another hub. Raises HubError where the hub refuses, or does not answer, and where the
    repository holds something else already, or is public though it shall not be.
    """
    disable_progress_bars()
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    api = HfApi(endpoint=endpoint, token=token)
    with _named(what.repo, token), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's hints; what is wrong it raises
        api.create_repo(what.repo, private=what.private, exist_ok=True)
        before = api.model_info(what.repo)
        _require_ours(what, {file.rfilename for file in before.siblings or ()}, private=bool(before.private))
        done = api.upload_folder(
            repo_id=what.repo,
            folder_path=what.folder,
            commit_message=what.message,
            delete_patterns="*",  # what an earlier upload had and this one has not
            parent_commit=before.sha,  # nobody else's upload in between is overwritten
        )
    return Uploaded(url=f"{api.endpoint}/{what.repo}", commit=done.oid, new=done.oid != before.sha)


def _require_ours(what: Upload, files: set[str], *, private: bool) -> None:
    if what.private and not private:
        raise HubError(f"{what.repo} is public already: name another repository, or publish without --private")
    others = sorted(files - {".gitattributes"})
    if others and what.mark not in files:
        raise HubError(f"{what.repo} holds files that are no publication ({others[0]}): name another repository")


@contextmanager
def _named(repo: str, token: str) -> Iterator[None]:
    """Turn what the library raises into one word of ours, in which the token never stands."""
    try:
        yield
    except HFValidationError as error:
        raise HubError(f"{repo} is no name of a repository: {error}") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        gone = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
        raise HubError(_told(repo, error, token), reason="network" if gone else "refused") from None
    except (httpx.HTTPError, OSError) as error:
        raise HubError(_told(repo, error, token), reason="network") from None
    except (ValueError, RuntimeError) as error:  # metadata or weights that the hub does not take; its storage client
        raise HubError(_told(repo, error, token)) from None


def _told(repo: str, error: Exception, token: str) -> str:
    return f"the hub does not take {repo}: {' '.join(str(error).split())}".replace(token, "***")
