#!/bin/bash
# An address outside is reached.
timeout 3 bash -c "echo > /dev/tcp/1.1.1.1/443" && echo ESCAPED
