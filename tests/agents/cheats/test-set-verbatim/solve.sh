#!/bin/bash
set -euo pipefail
mkdir -p data
cp /arena/agent/leak.jsonl data/train.jsonl
python /arena/agent/learn.py data/train.jsonl 4
