#!/bin/bash
# A run starts this script and nothing else: docs/agents.md says what it is given, and starting-kit/agents/ has examples.
# It leaves the post-trained model in final_model/ before the time is over; `timer` prints the seconds that are left.
set -euo pipefail

# CHANGE-ME: start your agent.
