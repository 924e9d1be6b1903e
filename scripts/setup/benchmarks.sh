#!/usr/bin/env bash
# Make .arena/benchmarks: the packages that benchmarks of the track agents are made of, with their data.
# They lie beside the environment: some ask for versions that do not fit into it, and agents may read the environment.
# benchmarks.sh [PYTHON] makes them for another Python than that of .venv.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

HOME_OF_BENCHMARKS=.arena/benchmarks
REQUIREMENTS=requirements/benchmarks.txt
STAMP=$HOME_OF_BENCHMARKS/installed
python=${1:-.venv/bin/python}

wanted() {
  cat "$REQUIREMENTS" scripts/setup/benchmarks.sh | sha256sum | cut -d ' ' -f 1
}

# --no-deps: the pins are whole. What the environment has already (NumPy, SymPy and so on) is taken from there.
install_all() {
  rm -rf "$HOME_OF_BENCHMARKS"
  "$python" -m pip --disable-pip-version-check install --quiet --no-deps --target "$HOME_OF_BENCHMARKS" -r "$REQUIREMENTS"
}

main() {
  if [ "$(cat "$STAMP" 2>/dev/null)" = "$(wanted)" ]; then
    return
  fi
  mkdir -p .arena
  timed "installing the packages of the benchmarks (about 140 MB on disk)" install_all
  wanted >"$STAMP" # last, so that an install that was cut off is done again
}

main "$@"
