#!/bin/bash
# A variable of the runner is visible.
cat /proc/*/environ 2>/dev/null | grep -q ARENA_TEST_SECRET && echo ESCAPED
