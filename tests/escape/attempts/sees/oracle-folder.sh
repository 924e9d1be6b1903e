#!/bin/bash
# The reference solution lies where the oracle has it.
[ -e /oracle/solve.sh ] && echo ESCAPED
