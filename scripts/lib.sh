# Shared by the scripts beside it: one heading per step, one sentence per failure, long output to var/log/.
# shellcheck shell=bash
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1
VENV="$ROOT/.venv"
PY="$VENV/bin/python"
LOGS="$ROOT/var/log"
STAMPS="$ROOT/var/stamps"
mkdir -p "$LOGS" "$STAMPS"
# Without its cache every process compiles the whole store anew: seconds each, and the tests start many.
unset PYTHONDONTWRITEBYTECODE

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
die() {
  printf '\033[31mError:\033[0m %s\n' "$*" >&2
  exit 1
}

# run_logged NAME SENTENCE COMMAND...: the command's output goes to var/log/NAME.log; on failure its end and SENTENCE.
run_logged() {
  local name=$1 sentence=$2
  shift 2
  if ! "$@" >"$LOGS/$name.log" 2>&1 </dev/null; then
    tail -n 15 "$LOGS/$name.log" >&2
    die "$sentence (all of it: var/log/$name.log)"
  fi
}

# current NAME FINGERPRINT: true when the stamp says that this was done for these very inputs.
current() { [ -f "$STAMPS/$1" ] && [ "$(cat "$STAMPS/$1")" = "$2" ]; }
stamp() { printf '%s' "$2" >"$STAMPS/$1"; }
fingerprint() { "$PY" -I scripts/fingerprint.py "$@"; }
