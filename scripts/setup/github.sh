#!/usr/bin/env bash
# Fetch GitHub's description of its API, by which the tests judge every request of the bot, webhooks that it has sent, with
# which they start the workflows, and its language service, which reads the workflows as GitHub does. Needs npm.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

API=.arena/github/api.github.com.json
WEBHOOKS=.arena/github/webhooks.json
SERVICE=.arena/github/language-service

# fetch PACKAGE FILE TARGET: take one file out of a package of npm's registry.
fetch() {
  local work
  work=$(mktemp -d) &&
    npm pack --silent --pack-destination "$work" "$1" &&
    mkdir -p "${3%/*}" &&
    tar -xzOf "$work"/*.tgz "package/$2" >"$3.part" &&
    mv "$3.part" "$3" &&
    rm -r "$work"
}

install_service() {
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$SERVICE.part" @actions/languageservice@0.3.61 &&
    rm -rf "$SERVICE" &&
    mv "$SERVICE.part" "$SERVICE"
}

if [ -s "$API" ] && [ -s "$WEBHOOKS" ] && [ -d "$SERVICE" ]; then
  exit
elif command -v npm >/dev/null; then
  [ -s "$API" ] || timed "fetching GitHub's description of its API" fetch @octokit/openapi@23.0.2 generated/api.github.com.json "$API"
  [ -s "$WEBHOOKS" ] || timed "fetching webhooks that GitHub sent" fetch @octokit/webhooks-examples@7.6.1 api.github.com/index.json "$WEBHOOKS"
  [ -d "$SERVICE" ] || timed "fetching GitHub's language service" install_service
else
  say "npm is not here: the tests of the bot and of GitHub's language service skip; with Node.js they run"
fi
