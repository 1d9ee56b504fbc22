#!/usr/bin/env bash
# The lane for every save: unit and quick integration tests, SQLite in memory, tables straight from the models.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
bash scripts/setup-python.sh dev
bash scripts/setup-frontend.sh
"$PY" scripts/compile_messages.py
# Pages (tests/conftest.py says which) and the rooms of the shop are tested by `make test` alone: they would take minutes.
ACCORD_TEST_DB=memory exec "$PY" -m pytest -q tests/unit tests/integration tests/docs --ignore=tests/integration/shop \
  --no-migrations -n 2 -p no:playwright -p no:faker -m "not slow and not pages and not e2e and not worker and not postgres" "$@"
