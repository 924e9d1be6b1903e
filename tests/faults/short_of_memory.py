"""Run arena where training finds memory for so many sequences at once: short_of_memory.py SEQUENCES COMMAND …"""

from __future__ import annotations

import sys
from typing import Any

import torch
from torch.nn.modules.module import register_module_forward_pre_hook

from posttrain_arena.cli.main import command

sequences = int(sys.argv[1])


def allocate(module: torch.nn.Module, inputs: Any) -> None:
    """Ask for more memory than any machine has, where a batch to be trained on has too many rows."""
    if isinstance(module, torch.nn.Embedding) and torch.is_grad_enabled() and len(inputs[0]) > sequences:
        torch.empty(1 << 60, dtype=torch.uint8)


register_module_forward_pre_hook(allocate)
sys.argv = ["arena", *sys.argv[2:]]
command()
