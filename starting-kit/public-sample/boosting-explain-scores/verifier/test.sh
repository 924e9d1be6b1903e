#!/bin/bash
# Scores one trial. It runs in a container of its own, without network: the workspace is the agent's, everything else is
# as the image was built. Reward 1.0 when every test of test_outputs.py ran and passed, 0.0 otherwise; a skipped
# or missing test does not pay. You should not need to edit this file: write your checks in test_outputs.py.
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
{"results": {"tool": {"name": "pytest"}, "summary": {"tests": 0, "passed": 0, "failed": 0, "pending": 0, "skipped": 0, "other": 0, "start": 0, "stop": 0}, "tests": []}}
JSON

# -I and --noconftest: nothing that the agent left in its home folder is imported.
python3 -I -B -m pytest -rA --noconftest -c /dev/null --rootdir "$VERIFIER_DIR" -p no:cacheprovider \
  --ctrf "$DETAILS_JSON" "$VERIFIER_DIR/test_outputs.py"
STATUS=$?

# Nothing but passes, and at least as many as there are test functions in the file: a test that is skipped, that is
# expected to fail or that was never collected (two of one name, a class not named Test…) keeps the reward at 0.0.
REWARD=$(python3 -I -B - "$STATUS" "$DETAILS_JSON" "$VERIFIER_DIR/test_outputs.py" <<'PY'
import json
import re
import sys

status, details, checks = sys.argv[1:]
summary = json.load(open(details, encoding="utf-8"))["results"]["summary"]
written = len(re.findall(r"^\s*(?:async )?def test", open(checks, encoding="utf-8").read(), re.MULTILINE))
print("1.0" if status == "0" and summary["tests"] == summary["passed"] >= written > 0 else "0.0")
PY
) || REWARD=0.0
write_reward "$REWARD"
exit 0
