"""Print what serves the model of a job, as its recipe or reference agent says: model_server.py JOB."""

from __future__ import annotations

import sys
from pathlib import Path

from posttrain_arena.cli.job_files import read_job

if __name__ == "__main__":
    _, acting = read_job(Path(sys.argv[1]))
    sys.stdout.write(f"{acting.server.backend}\n")
