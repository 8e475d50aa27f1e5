#!/bin/sh
# What the browser tests need besides Python packages: axe-core (npm, by its lock) and Chromium.
# Installs what it may. What is missing is said and its tests are skipped; with BROWSER_TESTS=required it is an error.
set -u
cd "$(dirname "$0")"
required=$([ "${BROWSER_TESTS:-}" = required ] && echo yes)

browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

absent() {
  echo "Browser tests: $1" >&2
  [ -z "$required" ] || exit 1
}

if [ -n "$required" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  missing=$(browser >/dev/null || echo chromium fonts-dejavu-core; command -v npm >/dev/null || echo npm)
  if [ -n "$missing" ]; then      # an npm that is no package of Debian's stands in the way of Debian's
    # shellcheck disable=SC2086
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing
  fi
fi
browser >/dev/null || absent "no Chromium, they are skipped (apt-get install --no-install-recommends chromium fonts-dejavu-core)"
if [ node_modules/.package-lock.json -nt package-lock.json ]; then
  :
elif command -v npm >/dev/null; then
  npm ci --ignore-scripts --no-audit --no-fund --silent || absent "npm could not install axe-core, pages are not checked by it"
else
  absent "no npm, pages are not checked by axe-core"
fi
