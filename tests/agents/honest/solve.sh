#!/bin/bash
set -euo pipefail
python /arena/agent/look_alikes.py look-alikes.jsonl
python /arena/agent/learn.py look-alikes.jsonl 5
