#!/bin/bash
# The answer is a link to itself.
ln -s answer "$BENCHFLOW_WORKSPACE/answer"
