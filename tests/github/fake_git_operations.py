"""The fake GitHub's operations on git objects; ``GIT_OPERATIONS`` lists them with their paths."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable
from typing import Any

from fake_github import NAME, Answer, FakeGitHub


def compare(github: FakeGitHub, base: str, head: str, **_: Any) -> Answer:
    sha = github.store.merge_base(base, head)
    return 200, {"url": github.api(f"compare/{base}...{head}"), "merge_base_commit": {"sha": sha, "url": ""}}


def get_tree(github: FakeGitHub, sha: str, *, query: dict[str, str], **_: Any) -> Answer:
    items = github.store.tree(sha, recursive=bool(query.get("recursive")))
    return 200, {"sha": sha, "url": github.api(f"git/trees/{sha}"), "tree": items, "truncated": False}


def get_ref(github: FakeGitHub, name: str, **_: Any) -> Answer:
    sha = github.store.ref(f"refs/heads/{name}")
    where = {"sha": sha, "type": "commit", "url": github.api(f"git/commits/{sha}")}
    return 200, {"ref": f"refs/heads/{name}", "url": github.api(f"git/refs/heads/{name}"), "object": where}


def create_ref(github: FakeGitHub, *, body: Any, **_: Any) -> Answer:
    name = body["ref"].removeprefix("refs/heads/")
    try:
        github.store.ref(body["ref"])
    except KeyError:
        github.store.move(body["ref"], body["sha"])
        return 201, get_ref(github, name)[1]
    return 422, {"message": "Reference already exists"}


def move_ref(github: FakeGitHub, name: str, *, body: Any, **_: Any) -> Answer:
    github.store.move(f"refs/heads/{name}", body["sha"], force=bool(body.get("force")))
    return get_ref(github, name)


def get_git_commit(github: FakeGitHub, sha: str, **_: Any) -> Answer:
    commit = github.store.commit(sha)
    tree = {"sha": commit["tree"], "url": github.api(f"git/trees/{commit['tree']}")}
    parents = [{"sha": parent, "url": github.api(f"git/commits/{parent}")} for parent in commit["parents"]]
    url = github.api(f"git/commits/{commit['sha']}")
    return 200, {"sha": commit["sha"], "url": url, "message": commit["message"], "tree": tree, "parents": parents}


def create_tree(github: FakeGitHub, *, body: Any, **_: Any) -> Answer:
    sha = github.store.make_tree(body.get("base_tree"), body["tree"])
    return 201, {"sha": sha, "url": github.api(f"git/trees/{sha}"), "tree": [], "truncated": False}


def create_commit(github: FakeGitHub, *, body: Any, **_: Any) -> Answer:
    return 201, get_git_commit(github, github.store.make_commit(body["message"], body["tree"], body["parents"]))[1]


def get_contents(github: FakeGitHub, path: str, *, query: dict[str, str], **_: Any) -> Answer:
    name = urllib.parse.unquote(path)
    at = query.get("ref", "refs/heads/main")
    sha, data = github.store.blob(at if len(at) == 40 else f"refs/heads/{at.removeprefix('refs/heads/')}", name)
    large = len(data) > 1 << 20
    return 200, {
        "type": "file",
        "encoding": "none" if large else "base64",
        "content": "" if large else base64.encodebytes(data).decode(),
        "path": name,
        "name": name.rpartition("/")[2],
        "sha": sha,
        "size": len(data),
        "url": github.api(f"contents/{path}"),
    }


def get_blob(github: FakeGitHub, sha: str, **_: Any) -> Answer:
    data = github.store.git("cat-file", "blob", sha)
    content = base64.b64encode(data).decode()
    return 200, {"sha": sha, "url": github.api(f"git/blobs/{sha}"), "content": content, "encoding": "base64"}


def tarball(github: FakeGitHub, ref: str, **_: Any) -> Answer:
    return 302, {"Location": f"{github.url}/codeload/{github.store.ref(ref)}"}


def codeload(github: FakeGitHub, sha: str, **_: Any) -> Answer:
    return 200, github.store.git("archive", "--format=tar.gz", f"--prefix=arena-{sha[:7]}/", sha)


R = f"/repos/{NAME}"
GIT_OPERATIONS: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", f"{R}/compare/([^/]+)\\.\\.\\.([^/]+)", compare),
    ("GET", f"{R}/git/trees/([^/]+)", get_tree),
    ("GET", f"{R}/git/blobs/([^/]+)", get_blob),
    ("GET", f"{R}/tarball/([^/]+)", tarball),
    ("GET", "/codeload/([^/]+)", codeload),
    ("GET", f"{R}/git/refs?/heads/(.+)", get_ref),
    ("POST", f"{R}/git/refs", create_ref),
    ("PATCH", f"{R}/git/refs/heads/(.+)", move_ref),
    ("GET", f"{R}/git/commits/([^/]+)", get_git_commit),
    ("POST", f"{R}/git/trees", create_tree),
    ("POST", f"{R}/git/commits", create_commit),
    ("GET", f"{R}/contents/(.+)", get_contents),
)
