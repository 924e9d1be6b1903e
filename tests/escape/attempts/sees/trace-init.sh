#!/bin/bash
# Process 1 is traced.
python3 -c 'import ctypes,sys; sys.exit(ctypes.CDLL(None).ptrace(16, 1, 0, 0))' && echo ESCAPED
