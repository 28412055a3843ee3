#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing, builds, and takes the suite that ships through codecs and task heads to
# a page of tables and figures.
#
#   pipelines/feature-bench.sh [--short] [OUT]
#
# OUT      folder for results and report.html (default: pipelines/out/bench)
# --short  4 samples of each task, two codecs, two rates: to see that all works
#
# It goes on where it was stopped. FEATURE_BENCH_BUILD names a build folder that is ready, so that
# nothing is installed nor built; FEATURE_BENCH_SUITE another folder with a suite.json.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

short=no out=
for argument in "$@"; do
  case $argument in
    -h | --help)
      sed -n '3,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit
      ;;
    --short) short=yes ;;
    -*) die "there is no option '$argument'; usage: pipelines/feature-bench.sh [--short] [OUT]" ;;
    *)
      [ -z "$out" ] || die "'$out' and '$argument' cannot both be the folder for the results"
      out=$argument
      ;;
  esac
done
out=$(realpath -m -- "${out:-$root/pipelines/out/bench}")
[[ $out != *[\"\\]* ]] || die "the folder '$out' has a quotation mark or a backslash in its name; take another one"
suite=$(realpath -m -- "${FEATURE_BENCH_SUITE:-$root/pipelines/suite/data}")/suite.json
[ -f "$suite" ] || die "there is no suite '$suite'"
folder=$(realpath -m -- "${FEATURE_BENCH_BUILD:-$root/build}")
if [ -z "${FEATURE_BENCH_BUILD:-}" ]; then
  alone
  install_packages bench
  # shellcheck disable=SC2034
  targets=(elements codecs/torch/libgstfeature-torch.so codecs/hyperprior/libgstfeature-hyperprior.so
    pipelines/bench/feature-bench pipelines/profile/feature-profile)
  build build -Dgstreamer=enabled -Dfeatureproc=enabled -Dnpy=enabled -Dmetric=enabled \
    -Dvvc=enabled -Dcodec=enabled -Dhyperprior=enabled -Dtaskhead=enabled || exit 1
fi
environment "$folder"
bench=$folder/pipelines/bench/feature-bench
[ -x "$bench" ] || die "there is no '$bench'"

if [ $short = yes ]; then
  "$bench" run "$suite" --out "$out" --short
  "$bench" report "$out"
  exit
fi

# FID needs more images than it has dimensions; the features of dpt are ten times as large as others.
tested=(--samples 100 --samples cls=60 --samples seg=24 --samples dpt=16)
"$bench" run "$suite" --out "$out" "${tested[@]}"

# Table 6: profiles for the native codec, each learned from one task's features, those that are not
# tested.
training=$out/training
"$bench" run "$suite" --out "$training" --codec raw --task cls --task seg --task csr
learn() {
  local task=$1 from=$2
  local files=("$training/features/$task"/*.npy)
  "$folder/pipelines/profile/feature-profile" learn "${files[@]:from}" \
    -o "$training/$task.featureprofile" --name "$task" --origin "suite, untested samples" >"$training/$task.log"
  printf '{"name": "profile-%s", "encoder": "featureenc profile=\\"%s\\" quality={rate} threads=1", ' \
    "$task" "$training/$task.featureprofile"
  printf '"decoder": "featuredec profile=\\"%s\\" threads=1", "trained-on": "%s", "rates": [62, 55, 48, 41, 34]}' \
    "$training/$task.featureprofile" "$task"
}
if [ ! -f "$training/codecs.json" ]; then
  {
    echo "["
    learn cls 60
    echo ","
    learn seg 24
    echo ","
    learn csr 100
    echo "]"
  } >"$training/codecs.json.part"
  mv "$training/codecs.json.part" "$training/codecs.json"
fi
"$bench" run "$suite" --out "$out" "${tested[@]}" --task cls --task seg --task csr \
  --codec-file "$training/codecs.json"

# Tables 10 and 11.
"$bench" run "$suite" --out "$out" --samples 16 --samples seg=8 --samples dpt=4 \
  --task cls --task seg --task dpt --task csr --truncation-ablation
"$bench" report "$out"
