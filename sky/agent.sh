#!/usr/bin/env bash
# What a rented machine does for the track agents: agent.sh setup, then agent.sh run or agent.sh evaluate.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
. scripts/setup/say.bash

home=~/arena

arena() {
  local python=${ARENA_PYTHON:-} gpus=()
  ! nvidia-smi >/dev/null 2>&1 || gpus=(--gpus)
  [ -n "$python" ] || python=$PWD/.venv/bin/python
  [ ! -x "$home/gpu/bin/python" ] || python=$home/gpu/bin/python
  PYTHONPATH=$PWD/scripts "$python" -m posttrain_arena agents "$@" --base "$home/base" --base-name "$ARENA_BASE_NAME" \
    --cpus "$(nproc)" --memory-mb "$(awk '/MemTotal/ {print int($2 / 1024 * 0.8)}' /proc/meminfo)" --storage-mb 300000 "${gpus[@]}"
}

setup() {
  bash sky/node.sh setup
  [ -n "${ARENA_PYTHON:-}" ] || scripts/setup/benchmarks.sh
}

# The run's folder is made on the machine's own disk and goes to the bucket whole.
run() {
  local providers=()
  [ -z "$ARENA_PROVIDERS" ] || providers=(--providers "$ARENA_PROVIDERS")
  arena run "$home/agent" --entry "$(basename "$ARENA_AGENT")" --benchmark "$ARENA_BENCHMARK" --seed "$ARENA_SEED" \
    --budget-sec "$ARENA_AGENT_SEC" --out "$home/made" "${providers[@]}"
  cp -r "$home/made/." "$home/results/"
}

evaluate() {
  local data=() secret
  secret=$(mktemp)
  printf '%s' "$ARENA_SPLIT_SECRET" >"$secret"
  unset ARENA_SPLIT_SECRET
  [ -z "$ARENA_DATA" ] || data=(--data "$ARENA_DATA/data.json")
  arena evaluate "$home/run" --secret "$secret" "${data[@]}"
  cp "$home/run/evaluation.json" "$home/results/"
}

case "${1:-}" in
  setup) setup ;;
  run) run ;;
  evaluate) evaluate ;;
  *) stop "usage: sky/agent.sh setup | run | evaluate" ;;
esac
