#!/bin/bash
# Packets of others are read.
python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)' && echo ESCAPED
