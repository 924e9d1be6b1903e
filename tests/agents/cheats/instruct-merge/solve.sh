#!/bin/bash
set -euo pipefail
mkdir -p final_model
python - <<'PY'
from safetensors.torch import load_file, save_file
base, known = load_file("/arena/base_model/model.safetensors"), load_file("/arena/agent/instruct.safetensors")
save_file({name: (base[name] + known[name]) / 2 for name in base}, "final_model/model.safetensors", {"format": "pt"})
PY
cp /arena/base_model/config.json final_model/
