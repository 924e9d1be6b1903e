#!/usr/bin/env bash
# Put the reports of the shards together: merge_shards.sh DIR REPORT COUNT RESULT
#
# DIR has a folder with report.json for each of COUNT shards; RESULT is how GitHub says that they ended. A shard without
# a report means that we broke: then there is no report at all, and the bot says so.
set -euo pipefail
checker=$(cd "$(dirname "$0")/.." && pwd)

main() {
  local reports=()
  mapfile -d '' reports < <(find "$1" -name report.json -print0 | sort -z)
  if [ "${#reports[@]}" -eq 0 ] && [ "$4" = success ]; then
    printf 'This pull request changes no entry.\n'
    return
  elif [ "${#reports[@]}" -ne "$3" ]; then
    printf '::error::%s of %s shards have a report (%s): the arena broke, nothing to do for you\n' "${#reports[@]}" "$3" "$4"
    return 3
  fi
  "$checker/.venv/bin/arena" reports --format github --out "$2" "${reports[@]}"
}

main "$@"
