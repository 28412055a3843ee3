# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Sourced by pipelines/quickstart.sh and tests/run.sh.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export LC_ALL=C.UTF-8 # other programs' output is read here, and is English then

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# alone: waits for another script that works in this clone.
alone() {
  local lock status=0
  exec {lock}<"$root" # stays open, hence locked, until the script ends
  flock -n "$lock" 2>/dev/null || status=$?
  [ $status = 1 ] || return 0 # no other, or nothing to lock with
  echo "Waiting for another run in $root to end"
  flock "$lock"
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

# build FOLDER [meson options]: configures FOLDER if it is new or was not asked for these options yet,
# and builds ${targets[@]} in it, if there are any. Says nothing unless something fails or there is something to do.
targets=(all)
build() {
  local folder=$root/$1 log
  shift
  local done_for=$folder/configured-for
  log=$(mktemp)
  if [ ! -f "$folder/build.ninja" ] || [ ${#reconfigure[@]} -gt 0 ] ||
    ! grep -qxFe "$*" "$done_for" 2>/dev/null; then
    echo "Configuring $(basename "$folder")"
    local again=()
    [ ! -f "$folder/build.ninja" ] || again=(--reconfigure)
    if ! meson setup "$folder" "$root" "${again[@]}" "$@" >"$log" 2>&1; then
      tail -n 30 "$log" >&2
      rm -f "$log"
      echo "$(basename "$0"): meson could not configure $folder" >&2
      return 1
    fi
    echo "$*" >>"$done_for"
  fi
  [ ${#targets[@]} -gt 0 ] || { rm -f "$log"; return 0; }
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
  [ -f "$1/build.ninja" ] || die "there is no build in '$1'"
  variables=$(meson devenv -C "$1" --dump) || die "meson devenv: $variables"
  set +u # it appends to variables that may not be there
  eval "$variables"
  set -u
}
