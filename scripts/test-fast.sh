#!/usr/bin/env bash
# The lane for every save: unit and quick integration tests, SQLite in memory, tables straight from the models.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
bash scripts/setup-python.sh dev
bash scripts/setup-frontend.sh
"$PY" scripts/compile_messages.py
# Pages, and the crawl of every address by everybody, are tested by `make test` alone: they would take minutes.
PAGES=(access cms desk operations portal reports shop)
ACCORD_TEST_DB=memory exec "$PY" -m pytest -q tests/unit tests/integration tests/docs "${PAGES[@]/#/--ignore=tests/integration/}" \
  --no-migrations -n 2 -p no:playwright -p no:faker -m "not slow and not pages and not e2e and not worker and not postgres" "$@"
