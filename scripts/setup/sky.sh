#!/usr/bin/env bash
# Install SkyPilot into .venv, at the pinned versions. It is for launching, and takes as long as all of the checker's needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

STAMP=.venv/installed-sky

wanted() {
  cat pyproject.toml constraints.txt scripts/setup/sky.sh | sha256sum | cut -d ' ' -f 1
}

install() {
  .venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet -c constraints.txt -e '.[sky]'
}

if [ "$(cat "$STAMP" 2>/dev/null)" != "$(wanted)" ]; then
  timed "installing SkyPilot (about 350 MB on disk)" install
  wanted >"$STAMP"
fi
