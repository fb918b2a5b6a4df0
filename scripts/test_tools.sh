#!/usr/bin/env bash
# See that what the tests need beside Python is here: Chromium, a Japanese font, Pango (which
# sets the type of a PDF), PostgreSQL.
# Installs Debian's packages when it may (root and apt-get); else says what is missing and fails.
set -euo pipefail

missing=()

have_postgresql() {
  command -v initdb >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

have_japanese_font() {
  command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=ja family)" ]
}

have_pango() {
  .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1
}

look() {
  missing=()
  command -v chromium >/dev/null 2>&1 || missing+=(chromium)
  have_japanese_font || missing+=(fontconfig fonts-noto-cjk)
  have_pango || missing+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
  have_postgresql || missing+=(postgresql)
}

look
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "moyai: the tests need ${missing[*]}: installing with apt-get (a few minutes)"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq </dev/null || echo "moyai: apt-get update failed; trying with the lists present"
  apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
  look
fi

if [ ${#missing[@]} -gt 0 ]; then
  cat >&2 <<MESSAGE
moyai: the tests need these and they are not installed: ${missing[*]}
  They are part of the tests, so nothing is skipped without them. As root on Debian or Ubuntu:
    apt-get update && apt-get install --no-install-recommends ${missing[*]}
MESSAGE
  exit 1
fi
