"""Training on TRL, with Unsloth where a recipe asks for it: the embedded base model, SFT and GRPO."""

from posttrain_arena.adapters.process_environment import settle_libraries

settle_libraries()  # again for whoever comes here without the command, such as a benchmark
