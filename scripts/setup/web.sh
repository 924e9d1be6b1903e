#!/usr/bin/env bash
# Fetch what judges the built site: html-validate, axe, Lighthouse, and Playwright's client, which drives Debian's Chromium.
# They go to .arena/web and are no part of the arena. Needs Node.js 20.19 or newer with npm.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

TOOLS=(html-validate@10.9.0 axe-core@4.14.1 lighthouse@12.8.2 playwright-core@1.65.1)
PLACE=.arena/web
STAMP=$PLACE/installed

fetch() {
  rm -rf "$PLACE" && mkdir -p "$PLACE" &&
    npm install --prefix "$PLACE" --no-save --no-audit --no-fund --ignore-scripts --silent "${TOOLS[@]}"
}

if [ "$(cat "$STAMP" 2>/dev/null)" = "${TOOLS[*]}" ]; then
  exit
elif command -v npm >/dev/null; then
  timed "fetching html-validate, axe, Lighthouse and Playwright" fetch
  printf '%s\n' "${TOOLS[*]}" >"$STAMP" # last, so that an install that was cut off is done again
else
  stop "npm is missing." "Install Node.js 20.19 or newer with npm, then run this again."
fi
