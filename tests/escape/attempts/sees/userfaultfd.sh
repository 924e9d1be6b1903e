#!/bin/bash
# Page faults are handled.
python3 - <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(323, 0)
print("" if answer < 0 else "ESCAPED")
PYTHON
