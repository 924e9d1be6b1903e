#!/bin/bash
# A swap file is added.
python3 - <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall(167, b"/root/x", 0)
print("" if answer < 0 else "ESCAPED")
PYTHON
