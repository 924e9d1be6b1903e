#!/bin/bash
# Packets are made by hand.
python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)' && echo ESCAPED
