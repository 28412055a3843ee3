#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs the Debian packages that are still missing; says and does nothing where none is.
#
#   pipelines/install-deps.sh [run|bench|test|ci] [--list]
#
# run:   build the plugins and run the pipelines (the default)
# bench: and run models and draw pictures
# test:  and build and run the tests
# ci:    and the checks of .ci/run: clang, formatting, clang-tidy
# --list prints the missing packages and installs nothing.
set -euo pipefail

run_packages=(
  g++ meson ninja-build pkg-config python3
  libhwy-dev libxxhash-dev libeigen3-dev libcli11-dev nlohmann-json3-dev
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
  zlib1g-dev
  gobject-introspection libgirepository1.0-dev
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  libtorch-dev libopenblas0-pthread       # without OpenBLAS, LibTorch is 30 times slower
)
bench_packages=(
  gnuplot-nox
)
test_packages=(
  libgtest-dev
  gstreamer1.0-plugins-bad                # x265enc, libde265dec, gdppay
  gstreamer1.0-libav                      # avdec_h265
  python3-gi gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0
  python3-numpy
)
ci_packages=(ccache clang clang-format clang-tidy libclang-rt-dev)

level=run list=no
for argument in "$@"; do
  case $argument in
    run | bench | test | ci) level=$argument ;;
    --list) list=yes ;;
    *)
      echo "install-deps.sh: '$argument' is not one of run, bench, test, ci, --list" >&2
      exit 2
      ;;
  esac
done
packages=("${run_packages[@]}")
[ "$level" = run ] || packages+=("${bench_packages[@]}")
[ "$level" = run ] || [ "$level" = bench ] || packages+=("${test_packages[@]}")
[ "$level" != ci ] || packages+=("${ci_packages[@]}")

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  # Elsewhere the names differ: look for what the build itself asks for.
  missing=()
  for program in c++ meson ninja pkg-config python3 gst-launch-1.0; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  for module in libhwy libxxhash zlib 'gstreamer-1.0 >= 1.22' 'gstreamer-video-1.0 >= 1.22'; do
    pkg-config --exists "$module" 2>/dev/null || missing+=("$module")
  done
  [ ${#missing[@]} -gt 0 ] || exit 0
  {
    echo "There is no apt-get here, so these must be installed by hand: ${missing[*]}."
    echo "On Debian 12 the packages are: ${packages[*]}"
  } >&2
  exit 1
fi

installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
  sed -n 's/^installed //p' || true)
missing=()
for package in "${packages[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$list" = yes ]; then
  echo "${missing[*]}"
  exit 0
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Packages are missing, and there is no sudo. As root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  if ! sudo true; then
    echo "Packages are missing, and sudo refuses. As root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
apt=("${as_root[@]}" env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# update does not wait for the lists as install does for its lock. That it fails need not matter:
# some other source may be out of reach.
for _ in {1..60}; do
  "${apt[@]}" update >"$log" 2>&1 || true
  grep -q 'Could not get lock' "$log" || break
  sleep 5
done
if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
  tail -n 15 "$log" >&2
  echo "apt-get could not install: ${missing[*]}" >&2
  exit 1
fi
