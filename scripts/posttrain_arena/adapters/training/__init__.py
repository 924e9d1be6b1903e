"""Training on TRL, with Unsloth where a recipe asks for it: the embedded base model, SFT and GRPO."""
