#!/usr/bin/env bash
# Try one task package in Docker on this machine:
#
#   scripts/run_local.sh DIR                   the oracle must earn 1.0
#   scripts/run_local.sh DIR --skip-oracle     doing nothing must earn 0.0
#   scripts/run_local.sh DIR --solution FILE   a wrong answer: run as the oracle is, it must earn less than a pass
#   scripts/run_local.sh DIR --network         any of these with the network open to the agent
set -euo pipefail
checkout=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

main() {
  local dir='' agent=(--agent oracle --expect 1.0) network=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --skip-oracle) agent=(--agent noop --expect 0.0) ;;
      --solution)
        [ $# -gt 1 ] || usage
        agent=(--solution "$2")
        shift
        ;;
      --network) network=(--network) ;;
      -*) usage ;;
      *)
        [ -z "$dir" ] || usage
        dir=$1
        ;;
    esac
    shift
  done
  [ -n "$dir" ] || usage
  if [ ! -x "$checkout/.venv/bin/arena" ]; then
    printf 'The arena is not set up in this checkout: run "make setup", then try again.\n' >&2
    exit 3
  fi
  exec "$checkout/.venv/bin/arena" trial "$dir" "${agent[@]}" "${network[@]}"
}

main "$@"
