#!/usr/bin/env bash
# The lane for every save: unit and quick integration tests, SQLite in memory, tables straight from the models.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
bash scripts/setup-python.sh dev
bash scripts/setup-frontend.sh
"$PY" scripts/compile_messages.py
# The crawl of every address by everybody runs in `make test` alone.
ACCORD_TEST_DB=memory exec "$PY" -m pytest -q tests/unit tests/integration tests/docs --ignore tests/integration/access --no-migrations -n 2 \
  -m "not slow and not e2e and not worker and not postgres" "$@"
