#!/usr/bin/env bash
# setup-python.sh base|dev: .venv with the hash-locked requirements. Does nothing when they are already there.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
WANTED=${1:-base}
NETWORK="Python packages could not be installed: check the network or the package index that pip is set to"

usable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13 python3.14}; do
    if command -v "$candidate" >/dev/null && usable "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

if [ -n "${PYTHON:-}" ] || ! usable "$PY"; then
  found=$(find_python)
  if [ -z "$found" ]; then
    die "Accord needs Python 3.11 or newer, and ${PYTHON:-this machine} has $("${PYTHON:-python3}" -V 2>/dev/null || echo none); install it, or name it with PYTHON=/path/to/python."
  fi
fi
if ! usable "$PY"; then
  say "Creating .venv with $("$found" -V)"
  "$found" -c 'import venv, ensurepip' 2>/dev/null ||
    die "$("$found" -V) cannot create virtual environments; install its venv package (on Debian: apt-get install python3-venv)."
  rm -rf "$VENV"
  run_logged venv "The virtual environment could not be created" "$found" -m venv "$VENV"
  rm -f "$STAMPS"/python-*
fi

# The development lock holds every line of the base lock, so either stamp serves for base.
place=$(readlink -f "$PY")
base="$(fingerprint requirements/base.txt) $place $VENV"
dev="$(fingerprint requirements/dev.txt) $place $VENV"
if current python-dev "$dev" || { [ "$WANTED" = base ] && current python-base "$base"; }; then
  exit 0
fi
say "Installing Python packages ($WANTED)"
rm -f "$STAMPS"/python-*
run_logged "pip-$WANTED" "$NETWORK" "$PY" -m pip install --disable-pip-version-check --require-hashes --no-input \
  -r "requirements/$WANTED.txt"
if [ "$WANTED" = dev ]; then stamp python-dev "$dev"; else stamp python-base "$base"; fi
