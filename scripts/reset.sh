#!/bin/sh
# What `make demo-reset` does: drops the data, unless Svar is running on it.
set -eu
cd "$(dirname "$0")/.."
var=${SVAR_VAR:-var}
if [ ! -d "$var" ]; then
  echo "There is nothing in $var to drop."
elif [ ! -e "$var/secret_key" ] && [ ! -e "$var/svar.sqlite3" ]; then
  echo "$var does not look like Svar's data; nothing is dropped." >&2
  exit 1
elif [ -x .venv/bin/python ] && ! .venv/bin/python -c '
import fcntl, sys
fcntl.lockf(open(sys.argv[1] + "/serve.lock", "a"), fcntl.LOCK_EX | fcntl.LOCK_NB)' "$var" 2>/dev/null; then
  echo "Svar is running on $var: stop it first." >&2
  exit 1
else
  rm -rf "$var"
  echo "$var is dropped; the next 'make run' begins anew."
fi
