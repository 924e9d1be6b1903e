"""A stand-in for the calls of the Hugging Face Hub's API that an upload makes, with git's and LFS's own digests."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import yaml

TOKEN = "hf_" + "s3cret" * 5
TAKEN = "others"
"""An organisation in which the token may not write."""


class Repository:
    """One repository: commits as whole trees, newest last."""

    def __init__(self, *, private: bool) -> None:
        self.private = private
        self.commits: list[tuple[str, dict[str, bytes]]] = [
            ("initial commit", {".gitattributes": b"*.safetensors lfs"})
        ]

    @property
    def files(self) -> dict[str, bytes]:
        return self.commits[-1][1]

    @property
    def sha(self) -> str:
        return hashlib.sha1(f"commit {len(self.commits)}".encode()).hexdigest()


class HubStandIn(BaseHTTPRequestHandler):
    """Subclass it for each test: the repositories are the class's."""

    repositories: ClassVar[dict[str, Repository]]
    stored: ClassVar[dict[str, bytes]]
    asked: ClassVar[list[str]]
    broken: ClassVar[bool] = False
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        found = re.fullmatch(r"/api/models/([^/]+/[^/?]+)(/tree/main|/revision/main)?(\?.*)?", self.path)
        repository = self.repositories.get(found[1]) if found and self._allowed() else None
        if repository is None:
            return self._send(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        if found[2] == "/tree/main":
            files = repository.files.items()
            tree = [{"type": "file", "path": name, "oid": _blob(data), "size": len(data)} for name, data in files]
            return self._send(200, tree)
        siblings = [{"rfilename": name} for name in sorted(repository.files)]
        private = {"private": repository.private}
        return self._send(200, {"id": found[1], "sha": repository.sha, "siblings": siblings, **private})

    def do_POST(self) -> None:
        body = self._body()
        if not self._allowed():
            return self._send(401, {"error": "Invalid username or password."})
        if self.broken:
            return self._send(500, {"error": "out of order"})
        if self.path == "/api/repos/create":
            return self._create(json.loads(body))
        if self.path == "/api/validate-yaml":
            return self._validate(json.loads(body)["content"])
        if self.path.startswith("/lfs/verify"):
            return self._send(200, {})
        found = re.fullmatch(
            r"(?:/api/models)?/([^/]+/[^/]+?)(\.git/info/lfs/objects/batch|/preupload/main|/commit/main)", self.path
        )
        assert found, self.path
        repository = self.repositories[found[1]]
        if found[2] == "/preupload/main":
            return self._preupload(repository, json.loads(body))
        if found[2] == "/commit/main":
            return self._commit(found[1], [json.loads(line) for line in body.splitlines()])
        return self._batch(json.loads(body))

    def do_PUT(self) -> None:
        data = self._body()
        oid = self.path.removeprefix("/lfs/")
        assert hashlib.sha256(data).hexdigest() == oid
        self.stored[oid] = data
        self._send(200, {})

    def _create(self, asked: dict[str, Any]) -> None:
        name = f"{asked['organization']}/{asked['name']}"
        if asked["organization"] == TAKEN:
            return self._send(403, {"error": "You don't have the rights to create a model under this namespace"})
        answer = {"url": f"http://{self.headers['Host']}/{name}", "name": name}
        if name in self.repositories:
            return self._send(409, {"error": "You already created this model repo", **answer})
        self.repositories[name] = Repository(private=asked["visibility"] == "private")
        return self._send(200, answer)

    def _validate(self, content: str) -> None:
        front = re.match(r"---\n(.*?)\n---\n", content, re.DOTALL)
        meta = yaml.safe_load(front[1]) if front else None
        if not isinstance(meta, dict) or "license" not in meta:
            return self._send(400, {"errors": [{"message": '"license" is required'}], "warnings": []})
        return self._send(200, {"errors": [], "warnings": []})

    def _preupload(self, repository: Repository, asked: dict[str, Any]) -> None:
        files = []
        for file in asked["files"]:
            large = file["path"].endswith(".safetensors")
            known = repository.files.get(file["path"])
            oid = None if known is None else (hashlib.sha256(known).hexdigest() if large else _blob(known))
            mode = {"uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
            files.append({"path": file["path"], "oid": oid, **mode})
        self._send(200, {"files": files})

    def _batch(self, asked: dict[str, Any]) -> None:
        objects = []
        for wanted in asked["objects"]:
            url = f"http://{self.headers['Host']}/lfs"
            actions = {"upload": {"href": f"{url}/{wanted['oid']}"}, "verify": {"href": f"{url}/verify"}}
            objects.append(wanted | ({} if wanted["oid"] in self.stored else {"actions": actions}))
        self._send(200, {"transfer": "basic", "objects": objects})

    def _commit(self, name: str, lines: list[dict[str, Any]]) -> None:
        repository = self.repositories[name]
        files = dict(repository.files)
        head = lines[0]["value"]
        if head.get("parentCommit") != repository.sha:
            return self._send(412, {"error": "A commit has happened since."})
        for line in lines[1:]:
            path = line["value"]["path"]
            if line["key"] == "deletedFile":
                del files[path]
            elif line["key"] == "lfsFile":
                files[path] = self.stored[line["value"]["oid"]]
            else:
                files[path] = base64.b64decode(line["value"]["content"])
        repository.commits.append((head["summary"], files))
        url = f"http://{self.headers['Host']}/{name}/commit/{repository.sha}"
        return self._send(200, {"commitUrl": url, "commitOid": repository.sha, "pullRequestUrl": None})

    def _allowed(self) -> bool:
        self.asked.append(f"{self.command} {self.path}")
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def _send(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        return None


def _blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
