#!/bin/sh
# Finds a Python that can carry Svar and lets it make the environment in .venv.
# Usage: scripts/bootstrap.sh run|test
set -eu
cd "$(dirname "$0")/.."

too_old=
without_venv=
for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11 \
    /usr/bin/python3 /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11; do
  version=$("$candidate" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
  if ! "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    too_old=$version
  elif ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
    without_venv=$version
  else
    exec "$candidate" scripts/bootstrap.py "$@"
  fi
done

if [ -n "$without_venv" ]; then
  echo "Python $without_venv lacks its venv module: install it with 'apt install python3-venv' and try again." >&2
elif [ -n "$too_old" ]; then
  echo "Svar needs Python 3.11 or newer, and only $too_old was found: install a newer one and try again." >&2
else
  echo "Svar needs Python 3.11 or newer, and none was found: install it with 'apt install python3 python3-venv'." >&2
fi
exit 1
