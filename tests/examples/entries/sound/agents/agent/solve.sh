#!/bin/bash
# Write problems, then train on them.
set -euo pipefail

python3 write_problems.py --key "$PROVIDER_API_KEY" > problems.jsonl
python3 train.py problems.jsonl
