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
MIGRATIONS=tests/architecture/test_migrations.py

# stage NAME COMMAND...: a heading, the command, its time. pytest answers 5 when it ran nothing, which is a failure too.
stage() {
  local name=$1 began=$SECONDS code=0
  shift
  printf '\n'
  say "$name"
  "$@" || code=$?
  ended "$name" $((SECONDS - began)) "$code"
}

# begin NAME COMMAND...: a stage that uses one core, beside the next one; `finish` waits for it and shows what it said.
begin() {
  beside=$1 beside_began=$SECONDS
  shift
  "$@" >"$LOGS/beside.log" 2>&1 &
  beside_pid=$!
}
finish() {
  local code=0
  wait "$beside_pid" || code=$?
  printf '\n'
  say "$beside"
  cat "$LOGS/beside.log"
  ended "$beside" $((SECONDS - beside_began)) "$code"
}

ended() {
  TABLE+=("$(printf '%-36s %5d s  %s' "$1" "$2" "$([ "$3" -eq 0 ] && echo passed || echo "FAILED ($3)")")")
  [ "$3" -eq 0 ] || FAILED+=("$1")
}

tests() { "$PY" -m pytest -q "$@"; }
on_postgres() { ACCORD_TEST_DB=postgres tests "$@"; }

# One core builds the schema by migrations, on PostgreSQL for what follows and on SQLite for the test of it.
migrations() {
  "$PY" -m tests.harness.postgres
  tests "$MIGRATIONS" -n 0
}

total=$SECONDS
begin "Migrations" migrations
stage "Lint" bash scripts/lint.sh
stage "Architecture and documents" tests tests/architecture tests/docs --ignore="$MIGRATIONS" -n 0
stage "Units on SQLite" tests tests/unit --no-migrations -n 0
stage "Fast lane" bash scripts/test-fast.sh -n 0
finish
stage "Pages on SQLite" tests tests/integration --no-migrations -n "$WORKERS" -m "pages and not worker and not e2e"
stage "Integration on PostgreSQL" on_postgres tests/integration -n "$WORKERS" -m "not pages and not worker and not e2e"
begin "Workers" on_postgres tests -m worker
stage "Browser" on_postgres tests/e2e -m e2e
finish

printf '\n'
say "Stages"
printf '    %s\n' "${TABLE[@]}"
printf '    %-36s %5d s\n' "Total" $((SECONDS - total))
if [ ${#FAILED[@]} -gt 0 ]; then
  die "${#FAILED[@]} of ${#TABLE[@]} stages failed: $(IFS=,; echo "${FAILED[*]}")"
fi
say "All ${#TABLE[@]} stages passed"
