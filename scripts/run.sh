#!/usr/bin/env bash
# The demo store on SQLite at http://127.0.0.1:$PORT. Each step is skipped when nothing it depends on has changed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
PORT=${PORT:-8000}
case $PORT in '' | *[!0-9]*) die "PORT must be a number; it is '$PORT'." ;; esac
export DJANGO_SETTINGS_MODULE=shop.settings.dev
export BASE_URL=${BASE_URL:-http://127.0.0.1:$PORT}

bash scripts/setup-python.sh base
"$PY" -I scripts/port_is_free.py "$PORT" ||
  die "Port $PORT is already in use on 127.0.0.1; stop what listens there, or choose another with: make run PORT=8001"
bash scripts/setup-frontend.sh
"$PY" scripts/compile_messages.py

say "Preparing the store (SQLite in var/)"
run_logged migrate "The database could not be migrated" "$PY" manage.py migrate --noinput
"$PY" manage.py seed_demo || die "The demo store could not be loaded; what went wrong is printed above."

say "Serving http://127.0.0.1:$PORT (stop with Ctrl-C)"
# One process: the cache and the tasks live in it.
exec "$VENV/bin/gunicorn" shop.wsgi:application --bind "127.0.0.1:$PORT" --workers 1 --threads 8 \
  --log-level warning --timeout 60
