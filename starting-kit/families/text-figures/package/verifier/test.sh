#!/bin/bash
# Pays 1.0 when /root/out is a regular file with exactly the expected lines. Plain bash: it runs thousands of times.
workspace=${BENCHFLOW_WORKSPACE:-/root}
verifier=${BENCHFLOW_VERIFIER_DIR:-/verifier}
reward_text=${BENCHFLOW_REWARD_TEXT:-/logs/verifier/reward.txt}
reward_json=${BENCHFLOW_REWARD_JSON:-/logs/verifier/reward.json}
ctrf_json=${BENCHFLOW_REWARD_DETAILS_JSON:-/logs/verifier/ctrf.json}

reward=0.0 status=failed passed=0 failed=1
expected=$(cat "$verifier/expected.txt")
if [ -f "$workspace/out" ] && [ ! -L "$workspace/out" ]; then
  mapfile -t -n 100 lines < "$workspace/out"
  if [ "$(printf '%s\n' "${lines[@]}")" = "$expected" ]; then
    reward=1.0 status=passed passed=1 failed=0
  fi
fi

echo "$reward" > "$reward_text"
echo "{\"reward\": $reward}" > "$reward_json"
cat > "$ctrf_json" <<CTRF
{"results": {"tool": {"name": "bash"}, "summary": {"tests": 1, "passed": $passed, "failed": $failed, "pending": 0,
"skipped": 0, "other": 0, "start": 0, "stop": 0}, "tests": [{"name": "out holds what is asked for", "status": "$status",
"duration": 0}]}}
CTRF
exit 0
