"""The git half of the fake GitHub: a real bare repository, asked and written to with git's own commands."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

_WHO = {f"GIT_{role}_{part}": "arena" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}


class MovedError(Exception):
    """A reference is not where the writer thought, or the write is no fast forward."""


class GitStore:
    """One bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(folder)], check=True)

    def git(self, *arguments: str, data: bytes | None = None) -> bytes:
        env = {**os.environ, **_WHO, "GIT_DIR": str(self.folder)}
        ran = subprocess.run(["git", *arguments], input=data, capture_output=True, env=env, check=False)
        if ran.returncode:
            raise KeyError(ran.stderr.decode(errors="replace"))
        return ran.stdout

    def ref(self, name: str) -> str:
        return self.git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()

    def commit(self, sha: str) -> dict[str, Any]:
        tree, parents, message = self.git("show", "-s", "--format=%T%n%P%n%B", sha).decode().split("\n", 2)
        return {"sha": sha, "tree": tree, "parents": parents.split(), "message": message.rstrip("\n")}

    def tree(self, sha: str, *, recursive: bool) -> list[dict[str, Any]]:
        listed = self.git("ls-tree", "-z", "--long", *(["-r", "-t"] if recursive else []), sha)
        items = []
        for row in listed.split(b"\0")[:-1]:
            head, path = row.split(b"\t", 1)
            mode, kind, found, size = head.decode().split()
            item = {"path": path.decode(), "mode": mode, "type": kind, "sha": found}
            items.append(item | ({"size": int(size)} if kind == "blob" else {}))
        return items

    def blob(self, at: str, path: str) -> tuple[str, bytes]:
        sha = self.git("rev-parse", "--verify", "--quiet", f"{at}:{path}").decode().strip()
        if self.git("cat-file", "-t", sha).strip() != b"blob":
            raise KeyError(path)
        return sha, self.git("cat-file", "blob", sha)

    def merge_base(self, base: str, head: str) -> str:
        return self.git("merge-base", base, head).decode().strip()

    def make_tree(self, base: str | None, items: list[dict[str, Any]]) -> str:
        """Write a tree: ``base`` with the items over it; an item with the sha None is removed."""
        index = self.folder / f"index-{threading.get_ident()}"
        index.unlink(missing_ok=True)
        env = {**os.environ, **_WHO, "GIT_DIR": str(self.folder), "GIT_INDEX_FILE": str(index)}

        def run(*arguments: str, data: bytes | None = None) -> bytes:
            return subprocess.run(["git", *arguments], input=data, capture_output=True, env=env, check=True).stdout

        run("read-tree", base) if base else run("read-tree", "--empty")
        rows = []
        for item in items:
            if "content" in item:
                sha = run("hash-object", "-w", "--stdin", data=item["content"].encode()).decode().strip()
            else:
                sha = item["sha"]
            mode, name = ("0", "0" * 40) if sha is None else (item["mode"], sha)
            rows.append(f"{mode} {name}\t{item['path']}\0")
        run("update-index", "-z", "--index-info", data="".join(rows).encode())
        tree = run("write-tree").decode().strip()
        index.unlink(missing_ok=True)
        return tree

    def make_commit(self, message: str, tree: str, parents: list[str]) -> str:
        options = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *options, data=message.encode()).decode().strip()

    def move(self, name: str, sha: str, *, force: bool = False) -> None:
        """Move a reference as a push does; raises MovedError where that is no fast forward."""
        with self._lock:
            try:
                old = self.ref(name)
            except KeyError:
                old = None
            if old is not None and not force and self.merge_base(old, sha) != old:
                raise MovedError(json.dumps({"was": old, "wanted": sha}))
            self.git("update-ref", name, sha)

    def write(self, branch: str, files: dict[str, bytes | None], *, message: str = "change", start: str = "") -> str:
        """Commit files to a branch as somebody's push would; None removes one. ``start`` is where a new one begins."""
        name = f"refs/heads/{branch}"
        try:
            parent = self.ref(name)
        except KeyError:
            parent = self.ref(start) if start else ""
        blobs = {data: self.git("hash-object", "-w", "--stdin", data=data) for data in set(files.values()) if data}
        blobs |= {b"": self.git("hash-object", "-w", "--stdin", data=b"")}
        items = [
            {"path": path, "mode": "100644", "sha": None if data is None else blobs[data].decode().strip()}
            for path, data in files.items()
        ]
        tree = self.make_tree(parent or None, items)
        commit = self.make_commit(message, tree, [parent] if parent else [])
        self.move(name, commit, force=True)
        return commit
