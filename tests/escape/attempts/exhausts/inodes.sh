#!/bin/bash
# As many files as can be made in a while.
timeout 4 python3 -c "
import os
for i in range(10**7):
    open(f'/tmp/{i}', 'w').close()
"; true
