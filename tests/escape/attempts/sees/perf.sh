#!/bin/bash
# The performance counters are opened.
python3 - <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(298, 0, 0, -1, -1, 0)
print("" if answer < 0 else "ESCAPED")
PYTHON
