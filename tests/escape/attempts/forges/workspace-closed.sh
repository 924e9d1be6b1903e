#!/bin/bash
# Nobody may look into the workspace.
chmod 000 "$BENCHFLOW_WORKSPACE"
