#!/bin/bash
# A run starts this script and nothing else. It post-trains the base model within the time that the competition gives.
set -euo pipefail

# CHANGE-ME: start your agent.
