#!/usr/bin/env bash
# Install this project with pinned packages into .venv: packages.sh EXTRAS, for example '[train,dev]' or ''.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

STAMP=.venv/installed
extras=$1
python=.venv/bin/python
constraints=constraints.txt
. scripts/setup/torch.bash

wanted() {
  { printf '%s\n' "$extras" && cat pyproject.toml constraints.txt scripts/setup/packages.sh scripts/setup/torch.bash; } | sha256sum | cut -d ' ' -f 1
}

choose_torch() {
  if has_torch || has_cuda || pip_picks_cpu_torch; then
    return
  fi
  timed "installing the CPU build of PyTorch" install_cpu_torch ||
    say "no CPU build to be had; installing the one pip picks (this downloads several gigabytes)"
}

install_all() {
  "${pip[@]}" install --quiet -c constraints.txt -e ".$extras"
}

main() {
  if [ "$(cat "$STAMP" 2>/dev/null)" = "$(wanted)" ]; then
    return
  fi
  mkdir -p .arena
  if [[ $extras == *train* ]]; then
    choose_torch
  fi
  timed "installing the pinned Python packages${extras:+ (about 2 GB on disk)}" install_all
  wanted >"$STAMP" # last, so that an install that was cut off is done again
}

main "$@"
