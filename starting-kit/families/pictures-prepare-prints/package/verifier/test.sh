#!/bin/bash
# Scores one trial. It runs in a container of its own, without network: the workspace is the agent's, everything else is
# as the image was built. score.py compares, writes ctrf.json and prints the reward.
set -u

VERIFIER_DIR="${BENCHFLOW_VERIFIER_DIR:-/verifier}"
REWARD_TEXT="${BENCHFLOW_REWARD_TEXT:-/logs/verifier/reward.txt}"
REWARD_JSON="${BENCHFLOW_REWARD_JSON:-/logs/verifier/reward.json}"
DETAILS_JSON="${BENCHFLOW_REWARD_DETAILS_JSON:-/logs/verifier/ctrf.json}"

write_reward() {
  printf '%s\n' "$1" > "$REWARD_TEXT"
  printf '{"reward": %s}\n' "$1" > "$REWARD_JSON"
}

# First the worst case, so that all three files are there whatever happens below.
mkdir -p "$(dirname "$REWARD_TEXT")" "$(dirname "$REWARD_JSON")" "$(dirname "$DETAILS_JSON")"
write_reward 0.0
cat > "$DETAILS_JSON" <<'JSON'
{"results": {"tool": {"name": "score.py"}, "summary": {"tests": 0, "passed": 0, "failed": 0, "pending": 0, "skipped": 0, "other": 0, "start": 0, "stop": 0}, "tests": []}}
JSON

# -I: nothing that the agent left in its home folder is imported.
REWARD=$(python3 -I -B "$VERIFIER_DIR/score.py" "$DETAILS_JSON") || REWARD=0.0
write_reward "$REWARD"
cat "$DETAILS_JSON"
exit 0
