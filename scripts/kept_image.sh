#!/usr/bin/env bash
# Keep the base image between machines: kept_image.sh save|load
#
# save writes it into .arena, load takes it from there where it is there: the set-up then finds it and builds nothing.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

IMAGE=posttrain-arena/base:1
KEPT=.arena/cache/base-image/image.tar.gz

main() {
  case "${1:-}" in
    save)
      mkdir -p "${KEPT%/*}"
      docker image save "$IMAGE" | gzip -1 >"$KEPT.part"
      mv "$KEPT.part" "$KEPT"
      ;;
    load)
      if [ -f "$KEPT" ]; then
        gzip -dc "$KEPT" | docker image load --quiet
      else
        printf 'no base image is kept: the set-up builds it\n'
      fi
      ;;
    *)
      printf 'kept_image.sh: save or load; see the first lines of this file\n' >&2
      return 2
      ;;
  esac
}

main "$@"
