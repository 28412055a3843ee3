#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing, builds, runs every test. The last line is the total.
#
#   tests/run.sh                 gcc, in build/
#   tests/run.sh --sanitize      address and undefined-behaviour sanitizers, in build-asan/
#   tests/run.sh --clang         clang, in build-clang/
#   tests/run.sh --no-gstreamer  codecs/ and its tests alone, in build-codecs/
#   tests/run.sh --format        clang-format on every tracked source
#   tests/run.sh --tidy          clang-tidy on every compiled source
#   tests/run.sh --all           all but --clang, whose warnings --tidy gives, warnings are errors, and
#                                of the sources of --tidy those that the last 30 commits concern: what
#                                .ci/run does
#
# JOBS limits the parallel jobs.
set -uo pipefail
# shellcheck source=../pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"
cd "$root" || exit 1

jobs=${JOBS:-}
# shellcheck disable=SC2034
targets=(all meson-test-prereq)
passed=0 failed=0 skipped=0
werror=()

verdict() { # verdict NAME STATUS: counts a check that is not a meson test
  if [ "$2" = 0 ]; then
    passed=$((passed + 1))
    echo "  passed: $1"
  else
    failed=$((failed + 1))
    echo "  failed: $1"
  fi
}

# with C C++ COMMAND...: a build by these compilers; the builds have objects in common, which ccache
# compiles once.
with() {
  local cache=
  ! command -v ccache >/dev/null || cache='ccache '
  CC="$cache$1" CXX="$cache$2" CCACHE_NOHASHDIR=1 "${@:3}"
}

# if_only FOLDER [meson options]: configures FOLDER and leaves in ${targets[@]} what ${only[@]} need.
if_only() {
  [ ${#only[@]} -gt 0 ] || return 0
  targets=()
  build "$@" || return 1
  reconfigure=() # once is enough
  mapfile -t targets < <(tests/targets.py "$1" "${only[@]}")
  [ ${#targets[@]} -gt 0 ]
}

# suite FOLDER [meson options]: builds FOLDER and runs its tests, of ${only[@]} alone, and with what
# these need alone, if there are any.
only=()
suite() {
  local folder=$1 report p f s reconfigure=("${reconfigure[@]}")
  if ! if_only "$@" || ! build "$@"; then
    verdict "build in $folder" 1
    return
  fi
  rm -f "$folder/meson-logs/testlog.json"
  meson test -C "$folder" --no-rebuild ${jobs:+--num-processes "$jobs"} "${only[@]/#/--suite=}" >"$folder/meson-logs/run.txt" 2>&1
  if [ ! -s "$folder/meson-logs/testlog.json" ]; then
    tail -n 20 "$folder/meson-logs/run.txt"
    verdict "running the tests in $folder" 1
    return
  fi
  report=$(tests/results.py "$folder/meson-logs/testlog.json")
  sed '$d' <<<"$report"
  read -r p f s < <(tail -n 1 <<<"$report")
  echo "  $p passed, $f failed, $s skipped in $folder"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  [ $((p + f + s)) -gt 0 ] || verdict "tests of $folder: there are none" 1
}

sources() { git ls-files '*.h' '*.cpp' '*.cu' '*.cuh'; }

run_gcc() { with gcc g++ suite build -Dgstreamer=enabled -Dtests=enabled "${werror[@]}"; }

# Networks, scenarios and documents are the same whatever the compiler.
run_sanitize() {
  local only=(unit check fuzz) targets
  with gcc g++ suite build-asan -Db_sanitize=address,undefined -Dgstreamer=enabled \
    -Dtests=enabled -Doptimization=1 -Dsimd-targets=few "${werror[@]}"
}

with_clang() { # with_clang build|suite
  with clang clang++ "$1" build-clang -Dgstreamer=enabled -Dtests=enabled -Doptimization=1 \
    -Dsimd-targets=few "${werror[@]}"
}

run_clang() {
  local only=(unit check fuzz) targets
  with_clang suite
}

run_no_gstreamer() {
  with gcc g++ suite build-codecs -Dgstreamer=disabled -Dtests=enabled "${werror[@]}"
}

run_format() {
  # Releases of clang-format differ in details; 14 is the one of Debian 12.
  local tool=clang-format
  ! command -v clang-format-14 >/dev/null || tool=clang-format-14
  local status=0
  [ -n "$(sources)" ] && sources | xargs "$tool" --dry-run -Werror 2>&1 || status=$?
  verdict "formatting of $(sources | wc -l) files" $status
}

# A clean source stays clean until it or what it includes changes, so what is run for every commit need not
# look at all.
run_tidy() {
  local log list sources=() targets=() # no header is made by the build
  # shellcheck disable=SC2086
  if ! list=$(tests/recent.py $recent) || ! with_clang build; then
    verdict "clang-tidy" 1
    return
  fi
  [ -z "$list" ] || mapfile -t sources <<<"$list"
  log=$(mktemp)
  # GoogleTest's and check's macros are not ours to tidy, hence no tests/.
  # One instruction set stands for all: their code is the same text.
  local one=(-extra-arg=-DHWY_COMPILE_ONLY_STATIC)
  [ "$(uname -m)" != x86_64 ] || one+=(-extra-arg=-march=haswell -extra-arg=-maes -extra-arg=-mpclmul)
  local status=0 # without a pattern it would take all sources, tests too
  [ ${#sources[@]} = 0 ] || run-clang-tidy -quiet -p build-clang "${one[@]}" -j "${jobs:-$(nproc)}" \
    "${sources[@]/#/^$root/}" >"$log" 2>&1 || status=$?
  [ $status = 0 ] || sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -E '(error|warning):' | sort -u | head -n 100
  rm -f "$log"
  verdict "clang-tidy of ${#sources[@]} sources${recent:+, those that the last $recent commits concern}" \
    $status
}

level=test steps=() recent=
for argument in "$@"; do
  case $argument in
    --sanitize) steps+=(sanitize) ;;
    --clang) steps+=(clang) level=ci ;;
    --no-gstreamer) steps+=(no_gstreamer) ;;
    --format) steps+=(format) level=ci ;;
    --tidy) steps+=(tidy) level=ci ;;
    --all)
      steps=(format gcc sanitize no_gstreamer tidy) level=ci
      werror=(--werror) reconfigure=(--reconfigure) recent=30
      ;;
    -h | --help)
      sed -n '3,15s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit
      ;;
    *) die "there is no option '$argument'; --help lists them" ;;
  esac
done
[ ${#steps[@]} -gt 0 ] || steps=(gcc)

alone
install_packages "$level"
for step in "${steps[@]}"; do
  began=$SECONDS
  echo "== $step"
  "run_$step"
  echo "  $((SECONDS - began)) s"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
