#!/bin/bash
# Ports of the machine are opened.
python3 - <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(172, 3)
print("" if answer < 0 else "ESCAPED")
PYTHON
