#!/usr/bin/env bash
# Make the base image's system where no registry answers, from the packages of its distribution, and print its name.
#
# Ubuntu 24.04 from Ubuntu's archive; where that is out of reach too, Debian 12. stand_in.sh --anew forgets what is kept.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

SOURCE=starting-kit/base-image
CACHE=.arena/cache/base-image
# Accounts are dated by this, as in the Dockerfile.
export SOURCE_DATE_EPOCH=1735689600
export CLEAN=$PWD/$SOURCE/clean.sh
# What the hooks run in sees the new system as $1; the names of this machine are none of its business.
# shellcheck disable=SC2016
HOOKS=('--customize-hook=chroot "$1" sh -s /usr/lib <"$CLEAN"'
  '--customize-hook=rm -f "$1/etc/hostname" "$1/etc/hosts" "$1/etc/resolv.conf"')

ARCHIVE=http://archive.ubuntu.com/ubuntu
SECURITY=http://security.ubuntu.com/ubuntu
# The keys that Ubuntu signs its packages with, as its own package that came with 24.04 has them.
KEYS=$ARCHIVE/pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb
KEYS_SHA256=36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8
CONNECT_TIMEOUT_SEC=10
TIMEOUT_SEC=60

input() {
  cat "$SOURCE/packages.txt" "$SOURCE/no-manuals.cfg" "$SOURCE/clean.sh" scripts/setup/stand_in.sh | sha256sum | cut -c 1-12
}

ubuntu_keys() {
  local package=$CACHE/ubuntu-keyring.deb
  curl -fsS --retry 2 --connect-timeout "$CONNECT_TIMEOUT_SEC" --max-time "$TIMEOUT_SEC" -o "$package" "$KEYS" &&
    printf '%s  %s\n' "$KEYS_SHA256" "$package" | sha256sum --check --quiet &&
    dpkg-deb --extract "$package" "$CACHE/ubuntu-keyring"
}

# bootstrap TARBALL ARGUMENT...: a file that is there is whole.
bootstrap() {
  local tarball=$1 packages
  packages=$(paste -sd, "$SOURCE/packages.txt")
  shift
  mmdebstrap --variant=minbase --format=tar --dpkgopt="$SOURCE/no-manuals.cfg" --include="$packages" "${HOOKS[@]}" \
    "$@" >"$tarball.part" && mv "$tarball.part" "$tarball"
}

ubuntu() {
  local keys=$CACHE/ubuntu-keyring/usr/share/keyrings/ubuntu-archive-keyring.gpg
  ubuntu_keys &&
    bootstrap "$1" --keyring="$keys" noble - "deb $ARCHIVE noble main universe" \
      "deb $ARCHIVE noble-updates main universe" "deb $SECURITY noble-security main universe"
}

debian() {
  bootstrap "$1" bookworm -
}

# offer NAME: print the image of the stand-in that is there already.
offer() {
  local image=posttrain-arena/$1-stand-in:$2 tarball=$CACHE/$1-$2.tar
  if docker image inspect "$image" >/dev/null 2>&1 ||
    { [ -s "$tarball" ] && docker import "$tarball" "$image" >/dev/null; }; then
    printf '%s\n' "$image"
    return
  fi
  return 1
}

main() {
  local name tag
  tag=$(input)
  mkdir -p "$CACHE"
  if [ "${1:-}" != --anew ]; then
    offer ubuntu "$tag" || offer debian "$tag" && return
  fi
  scripts/setup/need.sh mmdebstrap mmdebstrap debian-archive-keyring gpg >&2
  scripts/setup/need.sh curl curl ca-certificates >&2
  [ "$(id -u)" -eq 0 ] || stop "making the stand-in needs root: run 'sudo scripts/setup/base_image.sh' once."
  for name in ubuntu debian; do
    rm -f "$CACHE/$name"-*.tar # of an earlier input
    if timed "making $name from its packages" "$name" "$CACHE/$name-$tag.tar" >&2; then
      docker rmi --no-prune "posttrain-arena/$name-stand-in:$tag" >/dev/null 2>&1 || true
      offer "$name" "$tag"
      return
    fi
  done
  stop "neither Ubuntu's nor Debian's packages can be had here. Bring the image over: see $SOURCE/README.md."
}

main "$@"
