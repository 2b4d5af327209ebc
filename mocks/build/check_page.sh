#!/usr/bin/env bash
# Looks at the HTML pages that a binary writes in a real browser: Chromium with playwright-core and axe-core (npm, into .node-page).
# Installs what is missing where it may; CHROMIUM names another browser. Takes less than two minutes.
#
#     mocks/build/check_page.sh [BINARY]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/mocks/build
binary=${1:-${CARGO_TARGET_DIR:-$root/target}/debug/tenken}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

find_browser() {
  command -v "${CHROMIUM:-chromium}" || command -v chromium-browser || command -v google-chrome || true
}

command -v node >/dev/null && command -v npm >/dev/null || {
  echo 'first: install Node.js 20 or newer, with npm' >&2
  exit 2
}
if [ -z "$(find_browser)" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get install -y -q chromium fonts-noto-cjk >"$scratch/apt.log" 2>&1 || { cat "$scratch/apt.log" >&2; exit 2; }
fi
browser=$(find_browser)
[ -n "$browser" ] || {
  echo 'first: install Chromium, or name a browser with CHROMIUM' >&2
  exit 2
}

packages=$root/.node-page
if ! cmp -s "$build/check_page_packages.json" "$packages/package.json"; then
  mkdir -p "$packages"
  cp "$build/check_page_packages.json" "$packages/package.json"
  (cd "$packages" && npm install --silent --no-audit --no-fund) || { rm "$packages/package.json"; exit 2; }
fi

NODE_PATH=$packages/node_modules timeout 115 node "$build/check_page.mjs" "$binary" "$browser" "$root" "$scratch"
