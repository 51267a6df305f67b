#!/bin/sh
# Runs the pinned Node from this checkout: node.sh FILE ARGUMENTS. Installs the npm dependencies, which bring that Node,
# when they are missing or out of date. (npm install, not npm ci: a registry may lack packages of other platforms, which
# npm install passes over. --no-save leaves the lock file as it is.)
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
node="$here/node_modules/.bin/node"
stamp="$here/node_modules/.t8s-installed"

if [ ! -x "$node" ] || ! cmp -s "$here/package-lock.json" "$stamp"; then
  if ! command -v npm >/dev/null 2>&1; then
    echo "t8s: npm was not found; install Node.js 20 or newer with npm, then run this again" >&2
    exit 1
  fi
  echo "t8s: installing npm dependencies into $here/node_modules ..." >&2
  log=$(mktemp)
  if ! (cd "$here" && npm install --no-save --no-fund --no-audit >"$log" 2>&1); then
    cat "$log" >&2
    rm -f "$log"
    echo "t8s: npm install failed (its output is above)" >&2
    exit 1
  fi
  rm -f "$log"
  if [ ! -x "$node" ]; then
    echo "t8s: there is no pinned Node for this machine ($(uname -sm)); supported: Linux x64 and arm64, macOS arm64" >&2
    exit 1
  fi
  cp "$here/package-lock.json" "$stamp"
fi

NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$here/node_modules/.cache/t8s-compile}"
export NODE_COMPILE_CACHE
exec "$node" --disable-warning=ExperimentalWarning "$@"
