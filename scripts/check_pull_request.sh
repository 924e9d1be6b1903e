#!/usr/bin/env bash
# Check the entries that a pull request changes: check_pull_request.sh TREE REPORT LEVEL [SHARD]
#
# TREE is a checkout of the pull request's merge commit with its first parent; nothing in it is run outside of a
# sandbox. The checker is the checkout that this script lies in. Exit codes: those of `arena check`.
set -euo pipefail
checker=$(cd "$(dirname "$0")/.." && pwd)

# Write the changed entries, each ended by NUL: names are the contributor's bytes.
changed_entries() {
  git diff --name-only --no-renames -z 'HEAD^1' HEAD -- submissions >"$1"
  local path inside entry
  while IFS= read -r -d '' path; do
    inside=${path#submissions/}
    entry=submissions/${inside%%/*}
    # A removed entry has nothing to check; a link is given to the checker, which refuses it.
    if [ -d "$entry" ] || [ -L "$entry" ]; then
      printf '%s\0' "$entry"
    fi
  done <"$1" | sort -zu
}

main() {
  local report entries
  report=$(realpath "$2")
  cd "$1"
  if [ -L submissions ] || { [ -e submissions ] && [ ! -d submissions ]; }; then
    printf '::error::submissions must be a folder: a link or a file in its place hides the entries from the check\n'
    return 1
  fi
  work=$(mktemp -d)
  trap 'rm -r "$work"' EXIT
  changed_entries "$work/paths" >"$work/entries"
  mapfile -d '' entries <"$work/entries"
  if [ "${#entries[@]}" -eq 0 ]; then
    printf 'This pull request changes no entry.\n'
    return
  fi
  local part=()
  [ -z "${4:-}" ] || part=(--changed-from 'HEAD^1' --shard "$4")
  "$checker/.venv/bin/arena" check --level "$3" "${part[@]}" --format github --out "$report" "${entries[@]}"
}

main "$@"
