#!/bin/bash
# The verifier lies somewhere else.
find / -xdev -name 'test.sh' -not -path '/proc/*' 2>/dev/null | grep -q . && echo ESCAPED
