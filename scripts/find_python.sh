#!/usr/bin/env bash
# Print the path of a Python ≥ 3.11 that can make virtual environments; explain if there is none.
set -euo pipefail

usable() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14 python; do
  if path=$(command -v "$name" 2>/dev/null) && usable "$path"; then
    echo "$path"
    exit 0
  fi
done

cat >&2 <<'MESSAGE'
moyai: no usable Python found. Needed: Python 3.11 or newer with the venv module.
  Debian / Ubuntu:  apt-get install python3 python3-venv   (as root)
  elsewhere:        put python3.11 or newer on PATH, or say  make run PYTHON=/path/to/python3.11
MESSAGE
exit 1
