#!/bin/bash
# A disk of the machine is read.
for disk in /dev/sd? /dev/vd? /dev/nvme*; do head -c1 "$disk" >/dev/null && echo ESCAPED; done
