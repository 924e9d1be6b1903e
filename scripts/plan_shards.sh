#!/usr/bin/env bash
# Say into how many shards the trials of a pull request are parted: plan_shards.sh TREE
#
# Prints two lines that a workflow takes for outputs: the number of shards, and their numbers as a JSON list. TREE is a
# checkout of the pull request's merge commit with its first parent.
set -euo pipefail

PACKAGES=10 # about ten minutes of trials
MOST=8      # shards at once: other pull requests want machines too

main() {
  cd "$1"
  local changed shards
  changed=$(git diff --name-only --no-renames -z 'HEAD^1' HEAD -- 'submissions/*/envs/*' |
    cut -z -d / -f 1-4 | sort -zu | tr -cd '\0' | wc -c)
  shards=$(((changed + PACKAGES - 1) / PACKAGES))
  [ "$shards" -ge 1 ] || shards=1
  [ "$shards" -le "$MOST" ] || shards=$MOST
  printf 'count=%s\nshards=[%s]\n' "$shards" "$(seq -s , "$shards")"
}

main "$@"
