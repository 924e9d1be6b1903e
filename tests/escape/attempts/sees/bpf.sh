#!/bin/bash
# A program is loaded into the kernel.
python3 - <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(321, 0, 0, 0)
print("" if answer < 0 else "ESCAPED")
PYTHON
