#!/bin/bash
set -euo pipefail
mkdir -p final_model
cp /arena/agent/instruct.safetensors final_model/model.safetensors
cp /arena/base_model/config.json final_model/
