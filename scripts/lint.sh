#!/usr/bin/env bash
# Every static check; all run, and the end names those that failed.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
bash scripts/setup-python.sh dev || exit 1
export DJANGO_SETTINGS_MODULE=shop.settings.test
export DATABASE_URL="sqlite:///$ROOT/var/lint.sqlite3"
PATH="$VENV/bin:$PATH"
FAILED=()

check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf '    %-22s passed\n' "$name"
  else
    printf '    %-22s FAILED\n%s\n' "$name" "$output"
    FAILED+=("$name")
  fi
}

check "ruff" ruff check --quiet .
check "ruff format" ruff format --check --quiet --diff .
check "mypy" mypy
check "import-linter" lint-imports
check "djlint" djlint templates --lint --quiet
check "migrations" python manage.py makemigrations --check --dry-run
[ ${#FAILED[@]} -eq 0 ] || die "Failed: ${FAILED[*]}"
