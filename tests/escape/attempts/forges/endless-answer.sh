#!/bin/bash
# The answer is a link to a device without end.
ln -s /dev/zero "$BENCHFLOW_WORKSPACE/answer"
