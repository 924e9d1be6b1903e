# Install PyTorch as this machine can use it. Sourced; needs say.bash, and
#   python       the interpreter of the environment
#   constraints  the file that pins torch

pip=("${python:?}" -m pip --disable-pip-version-check --no-input)

has_cuda() {
  command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1
}

# True where pip's own choice of torch brings no CUDA libraries.
pip_picks_cpu_torch() {
  "${pip[@]}" install --quiet --dry-run --no-deps --ignore-installed --report .arena/torch.json -c "${constraints:?}" torch 2>/dev/null &&
    "$python" - <<'END'
import json, sys

version = json.load(open(".arena/torch.json"))["install"][0]["metadata"]["version"]
sys.exit(not (version.endswith("+cpu") or sys.platform == "darwin"))
END
}

install_cpu_torch() {
  local torch
  torch=$(grep '^torch==' "${constraints:?}")
  "${pip[@]}" install --quiet uv &&
    "$(dirname "$python")/uv" pip install --quiet --python "$python" --torch-backend=cpu -c "${constraints:?}" "$torch"
}

has_torch() {
  "$python" -c 'import importlib.metadata as m; m.version("torch")' 2>/dev/null
}
