"""Score on the dev split, through the arena's service.

score MODEL_FOLDER [--items N]      answer the dev items with a model as the evaluation would
score --completions FILE            a JSON object: id of the item -> completion
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ARENA = Path("/arena")
PYTHON = str(ARENA / "bin" / "python")
SOCKET = str(ARENA / "run" / "scoring.sock")


class Connection(http.client.HTTPConnection):
    """HTTP over the socket that the arena mounts."""

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(SOCKET)


def generated(model: Path, count: int) -> dict[str, str]:
    """Return the model's completions of the first dev items."""
    card = json.loads((ARENA / "dev" / "benchmark.json").read_text("utf-8"))
    with (ARENA / "dev" / "dev.jsonl").open(encoding="utf-8") as lines:
        items = [json.loads(line) for line in itertools.islice(lines, count or None)]
    requests = [{"id": item["id"], "prompt": item["prompt"], "seeds": [0]} for item in items]
    with tempfile.TemporaryDirectory() as folder:
        job, out = Path(folder, "job.json"), Path(folder, "out.json")
        job.write_text(json.dumps([{"generation": card["generation"], "requests": requests}]), "utf-8")
        base = str(ARENA / "base_model")
        subprocess.run([PYTHON, str(ARENA / "bin" / "generate.py"), base, str(model), str(job), str(out)], check=True)
        said = {name: answers[0] for name, answers in json.loads(out.read_text("utf-8"))[0].items()}
    for reason in sorted({answer["lost"] for answer in said.values()} - {""}):
        count = sum(answer["lost"] == reason for answer in said.values())
        sys.stderr.write(f"{count} of {len(said)} answers are lost: {reason}\n")
    return {name: answer["text"] for name, answer in said.items()}


def main() -> int:
    """Print the service's answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--items", type=int, default=0)
    parser.add_argument("--completions", type=Path)
    arguments = parser.parse_args()
    if (arguments.model is None) == (arguments.completions is None):
        parser.error("give a model's folder or --completions FILE")
    said = (
        json.loads(arguments.completions.read_text("utf-8"))
        if arguments.completions
        else generated(arguments.model, arguments.items)
    )
    connection = Connection("arena", timeout=600)
    connection.request("POST", "/score", json.dumps({"completions": said}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    sys.stdout.write(json.dumps(body) + "\n")
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
