#!/usr/bin/env bash
# Build the shared base image of the task packages, once per content of starting-kit/base-image.
#
#   base_image.sh [--base IMAGE] [--tag NAME] [--no-cache] [--python PATH]
#
# --base starts from another Debian or Ubuntu image, --tag names the result, --no-cache takes nothing from earlier builds,
# --python names a Python with pip where there is no .venv.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

SOURCE=starting-kit/base-image
INPUT=("$SOURCE"/{Dockerfile,packages.txt,no-manuals.cfg,clean.sh,requirements.txt})
LABEL=org.posttrain-arena
CACHE=.arena/cache/base-image
PULL_TIMEOUT_SEC=60

image=posttrain-arena/base:1
python=.venv/bin/python
base=
anew=
context=

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --base) base=${2:?--base needs an image} && shift ;;
      --tag) image=${2:?--tag needs a name} && shift ;;
      --no-cache) anew=yes ;;
      --python) python=${2:?--python needs a path} && shift ;;
      *)
        printf 'base_image.sh: unknown option %s; see the first lines of this file\n' "$1" >&2
        exit 2
        ;;
    esac
    shift
  done
}

wanted() {
  { printf '%s\n' "$base" && cat "${INPUT[@]}" scripts/setup/base_image.sh scripts/setup/stand_in.sh; } | sha256sum | cut -d ' ' -f 1
}

present() {
  docker image inspect --format "{{index .Config.Labels \"$LABEL.input\"}}" "$image" 2>/dev/null || true
}

# Pure-Python wheels, fetched by the host's pip: the image build itself then needs no package index.
fetch_wheels() {
  "$python" -m pip --disable-pip-version-check download --quiet --no-deps --only-binary :all: \
    --require-hashes --dest "$1/wheels" -r "$SOURCE/requirements.txt"
}

# Print the image to start from: the Dockerfile's own where it can be had, else one made on this machine.
choose_base() {
  local named
  named=$(sed -n 's/^ARG BASE=//p' "$SOURCE/Dockerfile")
  if docker image inspect "$named" >/dev/null 2>&1 ||
    timed "pulling $named" timeout "$PULL_TIMEOUT_SEC" docker pull "$named" >&2 2>/dev/null; then
    printf '%s\n' "$named"
    return
  fi
  say "$named cannot be pulled here" >&2
  scripts/setup/stand_in.sh ${anew:+--anew}
}

build() {
  docker build ${anew:+--no-cache} --build-arg "BASE=$base" --label "$LABEL.input=$2" --label "$LABEL.base=$base" \
    --tag "$image" "$1"
}

main() {
  local input
  read_arguments "$@"
  input=$(wanted)
  if [ -z "$anew" ] && [ "$(present)" = "$input" ]; then
    return
  fi
  base=${base:-$(choose_base)}
  mkdir -p "$CACHE"
  context=$(mktemp -d "$CACHE/context.XXXXXX")
  trap 'rm -rf "$context"' EXIT
  timed "fetching the wheels of the base image" fetch_wheels "$context"
  cp "${INPUT[@]}" "$context"
  timed "building $image from $base" build "$context" "$input"
  say "$image is $(docker image inspect --format '{{.Id}}, {{.Size}} bytes' "$image")"
  say "content: $("$python" scripts/setup/image_digest.py "$image")"
}

main "$@"
