#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# In `meson devenv` gst-inspect-1.0 finds every element in the build, and the registry lies there
# too.
#
#   check-devenv.sh BUILD ELEMENT...
set -euo pipefail
build=$1
shift
unset GST_PLUGIN_PATH GST_PLUGIN_PATH_1_0 GST_REGISTRY GST_REGISTRY_1_0

# shellcheck disable=SC2016
registry=$(meson devenv -C "$build" sh -c 'echo "$GST_REGISTRY"')
[[ $registry = "$build/"* ]] || {
  echo "the registry is '$registry', not in $build" >&2
  exit 1
}
for element in "$@"; do
  file=$(meson devenv -C "$build" gst-inspect-1.0 "$element" | sed -n 's/^ *Filename *//p')
  [[ $file = "$build/"* ]] || {
    echo "$element comes from '$file', not from $build" >&2
    exit 1
  }
done
blacklist=$(meson devenv -C "$build" gst-inspect-1.0 -b)
! grep -q 'libgst' <<<"$blacklist" || {
  echo "$blacklist" >&2
  exit 1
}
echo "$# elements found in $build"
