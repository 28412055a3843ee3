#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs a build into a scratch folder and uses it from there: every plugin loads, a program
# compiles and runs against the library, the introspection data is in its place.
#
#   check-install.sh BUILD PREFIX LIBDIR INCLUDEDIR DATADIR INTROSPECTION(true|false) ELEMENT...
set -euo pipefail
sources=$(cd "$(dirname "$0")/../.." && pwd)
build=$1 prefix=$2 libdir=$3 includedir=$4 datadir=$5 introspection=$6
shift 6

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "$*" >&2
  exit 1
}

DESTDIR=$scratch meson install -C "$build" --no-rebuild --quiet
at=$scratch$prefix
[ -d "$at/$libdir/gstreamer-1.0" ] || fail "no plugins in $prefix/$libdir/gstreamer-1.0"
for file in "$libdir/libgstfeature-1.0.so" "$libdir/pkgconfig/gstreamer-feature-1.0.pc" \
  "$includedir/gstreamer-1.0/gst/feature/gstfeature.h"; do
  [ -e "$at/$file" ] || fail "$prefix/$file is not installed"
done
if [ "$introspection" = true ]; then
  for file in "$datadir/gir-1.0/GstFeature-1.0.gir" \
    "$libdir/girepository-1.0/GstFeature-1.0.typelib"; do
    [ -e "$at/$file" ] || fail "$prefix/$file is not installed"
  done
fi

unset LD_LIBRARY_PATH # the plugins find the library by themselves
export GST_PLUGIN_PATH_1_0=$at/$libdir/gstreamer-1.0 GST_REGISTRY=$scratch/registry.bin
for element in "$@"; do
  file=$(gst-inspect-1.0 "$element" | sed -n 's/^ *Filename *//p')
  [[ $file = "$at/$libdir/gstreamer-1.0/"* ]] || fail "$element comes from '$file'"
done

# LibTorch's module is found beside the plugins.
if [[ " $* " = *' featureextract '* && " $* " = *' featuretestsrc '* ]]; then
  env -u GST_FEATURE_TORCH_MODULE gst-launch-1.0 -q featuretestsrc num-buffers=1 shape='<2,3>' ! \
    featureextract model="$sources/tests/data/taskhead/tiny.pt" ! fakesink || fail "featureextract runs no model"
fi

cat >"$scratch/use.c" <<'END'
#include <gst/feature/gstfeature.h>

int main(void) {
  GstFeatureFormat format;
  return gst_feature_format_from_string("F32LE", &format) &&
                 gst_feature_format_get_size(format) == 4
             ? 0
             : 1;
}
END
export PKG_CONFIG_PATH=$at/$libdir/pkgconfig
# The .pc file names the final places; only this package lies in the scratch folder.
flags=$(pkg-config --cflags --libs gstreamer-feature-1.0)
flags=${flags//$prefix\//$at/}
# shellcheck disable=SC2086
cc "$scratch/use.c" -o "$scratch/use" $flags
LD_LIBRARY_PATH=$at/$libdir "$scratch/use" || fail "a program with the installed library fails"

# The application of docs/embedding.md, built by hand.
if pkg-config --exists gstreamer-app-1.0; then
  # shellcheck disable=SC2046,SC2086
  c++ -std=c++20 "$sources"/pipelines/embedding/*.cpp -o "$scratch/embedding" $flags \
    $(pkg-config --cflags --libs gstreamer-app-1.0) || fail "pipelines/embedding does not compile"
  if [[ " $* " = *' vvcfeatenc '* && " $* " = *' featurequant '* ]]; then
    head -c 73728 /dev/zero >"$scratch/in.f32"
    LD_LIBRARY_PATH=$at/$libdir "$scratch/embedding" "$scratch/in.f32" "$scratch/out.f32"
    [ "$(stat -c %s "$scratch/out.f32")" = 73728 ] || fail "the tensor did not come out"
  fi
fi
echo "installed: $(cd "$at" && find . -type f -name '*.so*' | wc -l) libraries, $# elements found"
