#!/bin/bash
# A file is given away.
touch /tmp/f && chown 65534 /tmp/f && echo ESCAPED
