#!/bin/sh
# clean.sh FOLDER: remove what differs from build to build, and compile the Python modules in FOLDER the same way each time.
set -eu

# Lists, caches, backups and logs of the package manager and of the accounts; the machine's id; the loader's cache of inodes.
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/cache/ldconfig/*
rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid-
find /var/log -type f -delete
[ ! -e /etc/machine-id ] || : >/etc/machine-id

# Installers compile in no fixed order and note the time. These name the content of their source instead.
find "$1" -type d -name __pycache__ -prune -exec rm -rf {} +
for library in "$1"/python3.*; do
  PYTHONHASHSEED=0 python3 -m compileall -q --invalidation-mode checked-hash "$library"
done
