#!/bin/bash
# Copy the base model: weights and configuration are all that counts.
set -euo pipefail
mkdir -p final_model
cp /arena/base_model/*.safetensors /arena/base_model/config.json final_model/
