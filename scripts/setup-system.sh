#!/usr/bin/env bash
# What the tests need beyond Python and Node: Chromium. Installed where this may be done without asking.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

has_chromium() {
  [ -n "${CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser ||
    command -v google-chrome-stable || command -v google-chrome
}

if ! has_chromium >/dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    die "Chromium is missing and cannot be installed from here; install it (on Debian, as root: apt-get install chromium) or name it with CHROMIUM=/path."
  fi
  say "Installing Chromium"
  export DEBIAN_FRONTEND=noninteractive
  run_logged apt-update "The list of system packages could not be fetched: check the network" apt-get update
  run_logged apt-chromium "Chromium could not be installed: check the network" \
    apt-get install -y --no-install-recommends chromium fonts-liberation
fi
