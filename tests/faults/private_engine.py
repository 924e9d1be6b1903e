"""A Docker engine of the tests' own, to be killed, restarted and filled: the machine's own engine is left alone."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import docker

WAIT_SEC = 30
_CONTAINERD = """\
version = 2
root = "{folder}/containerd"
state = "{folder}/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{folder}/containerd.sock"
"""


class PrivateEngine:
    """dockerd and containerd with all that they write below one new folder; images and containers lie in ``data``."""

    def __init__(self, *options: str) -> None:
        """``options`` are further ones of dockerd."""
        self._options = options
        self.folder = Path(tempfile.mkdtemp(prefix="arena-"))  # short: a socket's path has 107 characters at most
        self.data = self.folder / "data"
        self.url = f"unix://{self.folder}/docker.sock"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start what does not run, and wait until it answers."""
        if "containerd" not in self._processes:
            config = self.folder / "containerd.toml"
            config.write_text(_CONTAINERD.format(folder=self.folder), encoding="utf-8")
            self._begin("containerd", "--config", str(config))
            self._await((self.folder / "containerd.sock").exists)
        (self.folder / "docker.pid").unlink(missing_ok=True)
        (self.folder / "daemon.json").write_text("{}", encoding="utf-8")
        self._begin(
            *("unshare", "--net"),  # in one network space with another engine it would take that one's bridge away
            "dockerd",
            *("--config-file", str(self.folder / "daemon.json")),
            *("--data-root", str(self.data)),
            *("--exec-root", str(self.folder / "exec")),
            *("--pidfile", str(self.folder / "docker.pid")),
            *("--host", self.url),
            *("--containerd", str(self.folder / "containerd.sock")),
            *("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-masq=false"),
            *self._options,
        )
        self._await(self._answers)

    def client(self) -> docker.APIClient:
        """Return a new client of this engine."""
        return docker.APIClient(base_url=self.url, timeout=60, max_pool_size=64)

    def load(self, archive: Path) -> None:
        """Take in a saved image."""
        with archive.open("rb") as file:
            for _ in self.client().load_image(file):
                pass

    def end_dockerd(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the engine and wait until it is gone; with SIGKILL its containers go on without it."""
        self._end("dockerd", how)

    def stop(self) -> None:
        """End everything and remove all that it wrote."""
        for name in list(self._processes):
            self._end(name, signal.SIGTERM)
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
        for mount in reversed([mount for mount in mounts if mount.startswith(f"{self.folder}/")]):
            subprocess.run(["umount", mount], check=True)  # an engine that was killed leaves some
        shutil.rmtree(self.folder)

    def _begin(self, *command: str) -> None:
        name = next(word for word in command if word in ("containerd", "dockerd"))
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def _end(self, name: str, how: signal.Signals) -> None:
        process = self._processes.pop(name)
        process.send_signal(how)
        try:
            process.wait(timeout=WAIT_SEC)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _answers(self) -> bool:
        try:
            self.client().ping()
        except (docker.errors.DockerException, OSError):
            return False
        return True

    def _await(self, ready: object) -> None:
        deadline = time.monotonic() + WAIT_SEC
        while not ready():  # type: ignore[operator]
            if time.monotonic() > deadline:
                logs = "\n".join(file.read_text(errors="replace")[-1000:] for file in self.folder.glob("*.log"))
                raise AssertionError(f"the private engine did not start:\n{logs}")
            time.sleep(0.05)
