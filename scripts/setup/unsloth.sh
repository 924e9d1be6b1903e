#!/usr/bin/env bash
# Make .arena/unsloth: Unsloth at the version of the GPU machines, for the tests of its trainer on a CPU. It lies beside
# the environment, not in it: what it needs of PyTorch, TRL and transformers is there, at the same versions.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

FOLDER=.arena/unsloth
REQUIREMENTS=requirements/gpu-py312.txt
STAMP=$FOLDER/installed
python=.venv/bin/python

pins() {
  grep -E '^(unsloth|unsloth-zoo|triton)==' "$REQUIREMENTS"
}

install() {
  rm -rf "$FOLDER" &&
    pins | xargs "$python" -m pip --disable-pip-version-check --no-input install --quiet --no-deps --target "$FOLDER"
}

main() {
  if [ "$(cat "$STAMP" 2>/dev/null)" = "$(pins)" ]; then
    return
  fi
  [ "$(uname -sm)" = "Linux x86_64" ] || stop "Unsloth's kernels (triton) come built for Linux on x86-64 alone."
  timed "installing Unsloth into $FOLDER (about 1 GB on disk)" install
  pins >"$STAMP" # last, so that an install that was cut off is done again
}

main "$@"
