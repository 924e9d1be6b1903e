#!/bin/bash
# A setting of the kernel is changed.
echo 1 >/proc/sys/vm/drop_caches && echo ESCAPED
