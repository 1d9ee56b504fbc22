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

# The stamp holds for this very database file; a database named elsewhere is asked each time.
database=var/accord.sqlite3
mkdir -p "${DATA_DIR:-var}/static" "${DATA_DIR:-var}/media"
schema() {
  printf '%s ' "$(fingerprint requirements/base.txt $(find shop cms channels -path '*/migrations/*.py' | sort))"
  ls -i "$database" 2>/dev/null || echo none
}
if [ -n "${DATABASE_URL:-}" ] || grep -qs '^DATABASE_URL=' .env || ! current schema "$(schema)"; then
  say "Preparing the database"
  run_logged migrate "The database could not be migrated" "$PY" manage.py migrate --noinput
  stamp schema "$(schema)"
fi
"$PY" manage.py seed_demo || die "The demo store could not be loaded; what went wrong is printed above."

say "Serving http://127.0.0.1:$PORT (stop with Ctrl-C)"
# One process: the cache and the tasks live in it.
exec "$VENV/bin/gunicorn" shop.wsgi:application --bind "127.0.0.1:$PORT" --workers 1 --threads 8 \
  --log-level warning --timeout 60
