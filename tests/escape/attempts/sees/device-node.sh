#!/bin/bash
# A device of the machine is made.
mknod /tmp/disk b 8 0 && echo ESCAPED
