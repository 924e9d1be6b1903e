#!/bin/bash
# The verifier, the oracle and the logs, where the contract says that they are in other containers.
for place in /verifier /oracle /logs/verifier; do [ -e "$place" ] && echo "ESCAPED $place" && ls -R "$place"; done
exit 0
