#!/usr/bin/env bash
# The locks name versions and hashes, never an index; they are made for the oldest Python we support.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
bash scripts/setup-python.sh base
if command -v uv >/dev/null; then
  UV=uv
else
  UV=$ROOT/var/tools/bin/uv
  if [ ! -x "$UV" ]; then
    say "Installing uv into var/tools"
    "$PY" -m venv "$ROOT/var/tools"
    run_logged uv "uv could not be installed: check the network" "$ROOT/var/tools/bin/pip" install --quiet uv
  fi
fi
compile() {
  "$UV" pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal \
    "requirements/$1.in" --output-file "requirements/$1.txt" "${@:2}"
}
compile base
compile dev --constraint requirements/base.txt
sed -i.bak -e '/^--\(extra-\)\{0,1\}index-url/d' -e '/^--find-links/d' requirements/*.txt && rm -f requirements/*.bak
say "Locked: $(grep -c '==' requirements/base.txt) packages to run, $(grep -c '==' requirements/dev.txt) to develop"
