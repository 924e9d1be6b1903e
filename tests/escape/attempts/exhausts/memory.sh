#!/bin/bash
# All the memory there is.
python3 -c "x = [bytearray(1 << 26) for _ in range(1000)]"
