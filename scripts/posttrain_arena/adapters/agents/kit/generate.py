"""Answer prompts with a model, each sample from a seed of its own. Runs in a container without network.

    generate.py BASE MODEL JOB OUT

BASE is the base model's folder: configuration, tokenizer and chat template come from there; of MODEL only its
safetensors files are read, and chat_template.jinja where there is one. JOB is a list of {"generation": …, "requests":
[{"id", "prompt", "seeds": […]}]}; OUT becomes a list of {id: [{"text", "lost"}, …]}, where ``lost`` says what of the
model's own kept it from an answer: ``template`` or ``not-finite``. Runs the folder beside it, which stands alone: where
it runs the arena's package is not installed.
"""

import runpy

runpy.run_module("answering", run_name="__main__", alter_sys=True)
