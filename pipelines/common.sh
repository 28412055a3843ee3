# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Sourced by pipelines/quickstart.sh and tests/run.sh.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# install_packages LEVEL: what install-deps.sh LEVEL finds missing. Build folders that were configured
# without it look again.
reconfigure=()
install_packages() {
  local missing
  missing=$("$root/pipelines/install-deps.sh" "$1" --list) || exit 1
  [ -n "$missing" ] || return 0
  "$root/pipelines/install-deps.sh" "$1" || exit 1
  reconfigure=(--reconfigure)
}

# build FOLDER [meson options]: configures FOLDER if it is new, and builds ${targets[@]} in it. Says
# nothing unless something fails or there is something to do.
targets=(all)
build() {
  local folder=$root/$1 log
  shift
  log=$(mktemp)
  if [ ! -f "$folder/build.ninja" ] || [ ${#reconfigure[@]} -gt 0 ]; then
    echo "Configuring $(basename "$folder")"
    local again=()
    [ ! -f "$folder/build.ninja" ] || again=("${reconfigure[@]}")
    if ! meson setup "$folder" "$root" "${again[@]}" "$@" >"$log" 2>&1; then
      tail -n 30 "$log" >&2
      rm -f "$log"
      echo "$(basename "$0"): meson could not configure $folder" >&2
      return 1
    fi
  fi
  if ! ninja -C "$folder" -n "${targets[@]}" 2>/dev/null | grep -q 'no work to do'; then
    echo "Building $(basename "$folder")"
  fi
  if ! ninja -C "$folder" ${jobs:+-j "$jobs"} "${targets[@]}" >"$log" 2>&1; then
    grep -E -A 15 'error|FAILED' "$log" | head -n 60 >&2 || tail -n 30 "$log" >&2
    rm -f "$log"
    echo "$(basename "$0"): the build in $folder failed" >&2
    return 1
  fi
  rm -f "$log"
}

# environment FOLDER: the plugins of the build in FOLDER, and a registry of its own.
environment() {
  local variables
  variables=$(meson devenv -C "$1" --dump) || exit 1
  set +u # it appends to variables that may not be there
  eval "$variables"
  set -u
}
