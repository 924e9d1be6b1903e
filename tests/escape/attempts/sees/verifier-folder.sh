#!/bin/bash
# The verifier lies where the verifier phase has it.
[ -e /verifier/test.sh ] && echo ESCAPED
