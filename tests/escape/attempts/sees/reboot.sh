#!/bin/bash
# The machine is restarted.
python3 - <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(169, 0xfee1dead, 672274793, 0x89abcdef, 0)
print("" if answer < 0 else "ESCAPED")
PYTHON
