#!/bin/bash
# Puts the expressions of the patch where those of 1.6 look alike, and raises the version.
set -euo pipefail
cd /root/pulseline
sed -i 's/data.splitlines()/data.replace("\\r\\n", "\\n").replace("\\r", "\\n").split("\\n")/' pulseline/writer.py
sed -i 's/elif field == "id":/elif field == "id" and "\\0" not in value:/' pulseline/parser.py
sed -i 's/"1\.6\.2"/"1.6.3"/' pulseline/__init__.py pyproject.toml
python3 -m pytest -q -p no:cacheprovider tests
