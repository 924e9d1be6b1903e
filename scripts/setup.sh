#!/usr/bin/env bash
# Make this checkout ready: Python packages in .venv, a Docker engine, the shared base image.
#
#   scripts/setup.sh            everything: what `make demo` and `make test` need
#   scripts/setup.sh --python   the Python packages alone: what `make check` needs
#   scripts/setup.sh --checker  no training libraries, no tools: what checking a pull request needs
#   scripts/setup.sh --core     the same without an engine: what building the site needs
#   scripts/setup.sh --bot      that, and what talks to GitHub
#   scripts/setup.sh --attest   that, and what verifies signatures: what publishing results needs
#   scripts/setup.sh --sky      what talks to GitHub, and what rents machines
#
# Every step finds out by itself whether it is done, so running it again is quick and safe. With an engine the last line says what is ready.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup/say.bash
steps=scripts/setup
image=posttrain-arena/base:1

engine_and_image() {
  "$steps/engine.sh" && "$steps/base_image.sh"
}

# The two halves wait for different things (downloads, the package manager), so they run side by side.
side_by_side() {
  engine_and_image &
  local engine=$! code=0
  "$steps/packages.sh" "$1" || code=$?
  wait "$engine" || code=$?
  return "$code"
}

# Everything that trying a package needs, and what that is: the engine's version, the image's id and its size.
packages_and_engine() {
  side_by_side "$1"
  local engine id size
  engine=$(docker version --format '{{.Server.Version}}')
  id=$(docker image inspect --format '{{.Id}}' "$image")
  size=$(docker image inspect --format '{{.Size}}' "$image")
  say "ready: Python packages in .venv, Docker engine $engine, $image (${id:7:12}, $((size / 1000000)) MB)." \
    "Next: CONTRIBUTING.md, step 2"
}

main() {
  mkdir -p .arena
  "$steps/venv.sh"
  case "${1:-}" in
    "") "$steps/benchmarks.sh" && packages_and_engine '[train,dev]' ;;
    --python) "$steps/benchmarks.sh" && "$steps/packages.sh" '[train,dev]' ;;
    --checker) packages_and_engine '' ;;
    --core) "$steps/packages.sh" '' ;;
    --bot) "$steps/packages.sh" '[bot]' ;;
    --attest) "$steps/packages.sh" '[bot,attest]' ;;
    --sky) "$steps/packages.sh" '[bot,sky]' ;;
    *)
      printf 'setup.sh: unknown option %s; see the first lines of this file\n' "$1" >&2
      return 2
      ;;
  esac
}

main "$@"
