#!/usr/bin/env bash
# Make this checkout ready: Python packages in .venv, a Docker engine, the shared base image.
#
#   scripts/setup.sh            everything: what `make demo` and `make test` need
#   scripts/setup.sh --python   the Python packages alone: what `make check` needs
#   scripts/setup.sh --checker  no training libraries, no tools: what checking a pull request needs
#   scripts/setup.sh --core     the same without an engine: what building the site needs
#   scripts/setup.sh --bot      that, and what talks to GitHub
#   scripts/setup.sh --sky      that, and what rents machines
#
# Every step finds out by itself whether it is done, so running it again is quick and safe.
set -euo pipefail
cd "$(dirname "$0")/.."
steps=scripts/setup

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

main() {
  mkdir -p .arena
  "$steps/venv.sh"
  case "${1:-}" in
    "") side_by_side '[train,dev]' ;;
    --python) "$steps/packages.sh" '[train,dev]' ;;
    --checker) side_by_side '' ;;
    --core) "$steps/packages.sh" '' ;;
    --bot) "$steps/packages.sh" '[bot]' ;;
    --sky) "$steps/packages.sh" '[bot,sky]' ;;
    *)
      printf 'setup.sh: unknown option %s; see the first lines of this file\n' "$1" >&2
      return 2
      ;;
  esac
}

main "$@"
