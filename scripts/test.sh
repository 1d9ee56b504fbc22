#!/usr/bin/env bash
# Every check and test, one pytest run per stage. The first failing stage does not stop the others; the end tells all.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

if [ -z "${ACCORD_SERVICES:-}" ]; then
  started=$SECONDS
  bash scripts/setup-python.sh dev
  bash scripts/setup-frontend.sh
  bash scripts/setup-system.sh
  "$PY" scripts/compile_messages.py
  say "Set-up done in $((SECONDS - started)) s; starting PostgreSQL and Redis"
  ACCORD_SERVICES=1 exec "$PY" -m tests.harness.services bash scripts/test.sh
fi

unset ACCORD_TEST_DB DATABASE_URL PYTEST_ADDOPTS DJANGO_SETTINGS_MODULE
FAILED=()
TABLE=()
WORKERS=${WORKERS:-2}
PAGES=(tests/integration/{access,cms,desk,operations,portal,reports})

# stage NAME COMMAND...: a heading, the command, its time. pytest answers 5 when it ran nothing, which is a failure too.
stage() {
  local name=$1 began=$SECONDS code=0
  shift
  printf '\n'
  say "$name"
  "$@" || code=$?
  TABLE+=("$(printf '%-36s %5d s  %s' "$name" $((SECONDS - began)) "$([ $code -eq 0 ] && echo passed || echo "FAILED ($code)")")")
  [ $code -eq 0 ] || FAILED+=("$name")
}
tests() { "$PY" -m pytest -q "$@"; }
on_postgres() { ACCORD_TEST_DB=postgres tests "$@"; }

total=$SECONDS
stage "Lint" bash scripts/lint.sh
stage "Architecture and documents" tests tests/architecture tests/docs -n "$WORKERS"
stage "Unit and integration on SQLite" tests tests/unit tests/integration --no-migrations -n "$WORKERS" -m "not e2e"
# Pages ask the database nothing that services and selectors do not: PostgreSQL sees them in the browser stage.
stage "Integration on PostgreSQL" on_postgres tests/integration "${PAGES[@]/#/--ignore=}" -n "$WORKERS" \
  -m "not worker and not e2e"
stage "Workers" on_postgres tests -m worker
stage "Browser" on_postgres tests/e2e -m e2e

printf '\n'
say "Stages"
printf '    %s\n' "${TABLE[@]}"
printf '    %-36s %5d s\n' "Total" $((SECONDS - total))
if [ ${#FAILED[@]} -gt 0 ]; then
  die "${#FAILED[@]} of ${#TABLE[@]} stages failed: $(IFS=,; echo "${FAILED[*]}")"
fi
say "All ${#TABLE[@]} stages passed"
