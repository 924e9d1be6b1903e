#!/bin/bash
# An address of version 6 is reached.
timeout 3 python3 -c "import socket; socket.create_connection(('2606:4700::1111', 443), 2)" && echo ESCAPED
