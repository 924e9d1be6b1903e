#!/usr/bin/env bash
# What a rented machine does: node.sh setup, then node.sh run post-train|evaluate|evaluate-skills|baseline.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
. scripts/setup/say.bash

home=~/arena
python=${ARENA_PYTHON:-$PWD/.venv/bin/python}
trackers=${ARENA_TRACKERS:+,trackers}

# The variables hold folders as the task names them, where no shell has read the tilde.
expanded() {
  printf '%s\n' "${1/#\~/$HOME}"
}

has_gpu() {
  command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1
}

# An image may have any Python, or one without pip, venv or the headers that GPU kernels are compiled with: none of it counts.
create_environment() {
  rm -rf .venv && uv venv --quiet --seed --python-preference only-managed --python "$1" .venv
}

environment() {
  local version=3.11 # which the pins are for
  if [ -n "${ARENA_PYTHON:-}" ] || "$python" -m pip --version >/dev/null 2>&1; then
    return
  fi
  command -v uv >/dev/null || stop "uv is missing, which makes .venv on a rented machine." \
    "SkyPilot brings it. Where it does not, install it, or name a Python that has the packages: arena launch --python."
  ! has_gpu || version=3.12
  timed "creating .venv with Python $version" create_environment "$version"
}

install_gpu_packages() {
  uv pip install --quiet --python "$python" -c requirements/gpu-py312.txt -e ".[train,gpu$trackers]"
}

packages() {
  if [ -n "${ARENA_PYTHON:-}" ]; then
    return
  elif has_gpu; then
    timed "installing the packages for a GPU" install_gpu_packages
  else
    scripts/setup/packages.sh "[train$trackers]"
  fi
}

has_vllm() {
  "$python" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("vllm") is None)'
}

# Without a GPU vLLM has an environment of its own. With one it comes with the packages.
model_server() {
  local job=$home/job/job.json backend
  if [ ! -f "$job" ] || has_gpu; then # track agents has no such job
    return
  fi
  backend=$(PYTHONPATH=$PWD/scripts "$python" sky/model_server.py "$job")
  if [ "$backend" = vllm ] && ! has_vllm; then
    PATH=$PWD/.venv/bin:$PATH scripts/setup/vllm.sh # which looks for the Python of its pins
  fi
}

# The machine is this job's alone, and whoever may use sudo may use the engine.
engine() {
  if docker version >/dev/null 2>&1; then
    return
  fi
  sudo scripts/setup/engine.sh && sudo chown "$(id -un)" /var/run/docker.sock
}

# What is quick and may be refused comes before gigabytes of packages: every minute is paid for.
setup() {
  PATH=$HOME/.local/bin:$PATH # SkyPilot puts uv there
  mkdir -p "$home"
  bash scripts/setup/executable.sh . executable # by bash, since it lost its own bit too
  scripts/setup/executable.sh "$home/job" "$home/job/executable"
  scripts/setup/executable.sh "$home/suite" "$home/job/suite-executable"
  scripts/setup/executable.sh "$home/suite" "$home/suite/executable" # of a bucket, see docs/operators.md
  environment
  engine
  scripts/setup/base_image.sh --python "$python"
  packages
  model_server
}

run() {
  local stage=$1 checkpoint=() suite=()
  [ -z "${ARENA_CHECKPOINT:-}" ] || checkpoint=(--checkpoint "$(expanded "$ARENA_CHECKPOINT")")
  [ ! -d "$home/suite" ] || suite=(--suite "$home/suite")
  export PYTHONPATH=$PWD/scripts
  exec "$python" -m posttrain_arena node "$stage" --job "$home/job/job.json" --out "$(expanded "$ARENA_RUN")" \
    --bases "$(expanded "$ARENA_BASES")" "${suite[@]}" "${checkpoint[@]}"
}

case "${1:-}" in
  setup) setup ;;
  run) run "$2" ;;
  *) stop "usage: sky/node.sh setup | run post-train|evaluate|evaluate-skills|baseline" ;;
esac
