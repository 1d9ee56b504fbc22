#!/usr/bin/env bash
# Collects the texts of our own code and templates; Oscar, Wagtail and Django bring their own catalogues.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
bash scripts/setup-python.sh dev
command -v xgettext >/dev/null || die "gettext is missing; install it (on Debian: apt-get install gettext)."
mkdir -p locale
"$PY" manage.py makemessages --locale nb --no-wrap --no-location \
  --ignore 'node_modules/*' --ignore '.venv/*' --ignore 'var/*' --ignore 'static/*' --ignore 'tests/*' --ignore 'bench/*'
"$PY" scripts/compile_messages.py
