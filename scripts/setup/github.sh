#!/usr/bin/env bash
# Fetch GitHub's description of its API, by which the tests judge every request of the bot. Needs npm.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

VERSION=23.0.2
FILE=.arena/github/api.github.com.json

fetch() {
  local work
  work=$(mktemp -d) &&
    npm pack --silent --pack-destination "$work" "@octokit/openapi@$VERSION" &&
    mkdir -p "${FILE%/*}" &&
    tar -xzOf "$work"/*.tgz package/generated/api.github.com.json >"$FILE.part" &&
    mv "$FILE.part" "$FILE" &&
    rm -r "$work"
}

if [ -s "$FILE" ]; then
  exit
elif command -v npm >/dev/null; then
  timed "fetching GitHub's description of its API" fetch
else
  say "npm is not here: the tests of the bot skip; with Node.js they run"
fi
