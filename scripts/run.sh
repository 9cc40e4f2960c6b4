#!/bin/sh
# What `make run` does: the environment, then everything that serves, until Ctrl-C.
set -eu
cd "$(dirname "$0")/.."
scripts/bootstrap.sh run
# Somebody tries Svar here, unless the environment or .env says otherwise.
if [ -z "${DEBUG+set}" ] && ! grep -qs '^ *\(export \)\?DEBUG=' .env; then
  export DEBUG=1
fi
exec .venv/bin/python manage.py serve --tied "$PPID"
