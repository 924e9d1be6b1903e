#!/bin/bash
# A workspace that is too large to copy.
truncate -s 1T "$BENCHFLOW_WORKSPACE/answer" || truncate -s 60M "$BENCHFLOW_WORKSPACE/answer"
for i in $(seq 6); do truncate -s 60M "$BENCHFLOW_WORKSPACE/big$i"; done
