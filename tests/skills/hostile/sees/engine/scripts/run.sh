#!/bin/bash
# The engine, and through it every other container.
for socket in /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock; do
  [ -e "$socket" ] && echo "ESCAPED $socket"
done
for device in /dev/sda /dev/vda /dev/nvme0n1; do [ -e "$device" ] && echo "ESCAPED $device"; done
exit 0
