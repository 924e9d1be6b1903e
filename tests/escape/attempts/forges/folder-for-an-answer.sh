#!/bin/bash
# The answer is a folder.
mkdir -p "$BENCHFLOW_WORKSPACE/answer/answer"
