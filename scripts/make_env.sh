#!/usr/bin/env bash
# Bring .venv up to a lock file: make_env.sh LOCK STAMP. Every file is checked by its hash.
set -euo pipefail

lock=$1
stamp=$2

if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  python=$(scripts/find_python.sh)
  echo "moyai: making .venv with $python"
  rm -rf .venv
  "$python" -m venv .venv
fi

echo "moyai: installing $lock (the first time takes a minute or two)"
.venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check \
  --only-binary :all: --require-hashes -r "$lock"
touch "$stamp"
