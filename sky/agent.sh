#!/usr/bin/env bash
# What a rented machine does for the track agents: agent.sh setup, then agent.sh run or agent.sh evaluate.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
. scripts/setup/say.bash

home=${ARENA_HOME:-~/arena}
python=${ARENA_PYTHON:-$PWD/.venv/bin/python}

arena() {
  local gpus=()
  ! nvidia-smi >/dev/null 2>&1 || gpus=(--gpus)
  PYTHONPATH=$PWD/scripts "$python" -m posttrain_arena agents "$@" --base "$home/base" --base-name "$ARENA_BASE_NAME" \
    --data "$home/data/data.json" --cpus "$(nproc)" --memory-mb "$(awk '/MemTotal/ {print int($2 / 1024 * 0.8)}' /proc/meminfo)" --storage-mb 300000 "${gpus[@]}"
}

setup() {
  bash sky/node.sh setup
  scripts/setup/benchmarks.sh "$python"
}

# Copy what was made to the results and end with a status. Where the machine is at fault (3) another one is asked for (75,
# as in sky/*.yaml), until three were: then it is not the machines. What such an attempt left stays beside the others.
keep() {
  local made=$1 status=$2 place=$home/results lost
  lost=$(find "$place" -maxdepth 1 -name 'lost-*' | wc -l)
  [ "$status" -ne 3 ] || place=$place/lost-$((lost + 1))
  mkdir -p "$place" "$made"
  cp -r "$made/." "$place/"
  [ "$status" -ne 3 ] || printf '%s\n' "this attempt ended by a fault of the machine" >"$place/lost.txt"
  [ "$status" -ne 3 ] || [ "$lost" -ge 2 ] || status=75
  exit "$status"
}

# The run's folder is made on the machine's own disk and goes to the bucket whole. A run that was cut off starts anew.
run() {
  local options=() hosts=() host status=0
  [ -z "$ARENA_AGENT_SEC" ] || options+=(--budget-sec "$ARENA_AGENT_SEC")
  [ -z "$ARENA_PROVIDERS" ] || options+=(--providers "$ARENA_PROVIDERS")
  [ -z "$ARENA_AGAIN" ] || options+=(--again)
  [ -z "$ARENA_CONFIG" ] || options+=(--config "$ARENA_CONFIG")
  read -ra hosts <<<"$ARENA_ALLOW"
  for host in "${hosts[@]}"; do options+=(--allow "$host"); done
  rm -rf "$home/made"
  arena run "$home/agent" --entry "$(basename "$ARENA_AGENT")" --benchmark "$ARENA_BENCHMARK" --seed "$ARENA_SEED" \
    --out "$home/made" "${options[@]}" || status=$?
  if [ "$status" -eq 3 ] && [ -f "$home/made/run.json" ]; then # what broke after a run that stands does not undo it
    grep -q '"reason": "infrastructure"' "$home/made/run.json" || status=0
  fi
  keep "$home/made" "$status"
}

evaluate() {
  local secret status=0
  secret=$(mktemp)
  printf '%s' "$ARENA_SPLIT_SECRET" >"$secret"
  unset ARENA_SPLIT_SECRET
  arena evaluate "$home/run" --secret "$secret" || status=$?
  rm -rf "$home/made" "$secret"
  mkdir -p "$home/made"
  [ "$status" -ne 0 ] || cp "$home/run/evaluation.json" "$home/made/"
  keep "$home/made" "$status"
}

case "${1:-}" in
  setup) setup ;;
  run) run ;;
  evaluate) evaluate ;;
  *) stop "usage: sky/agent.sh setup | run | evaluate" ;;
esac
