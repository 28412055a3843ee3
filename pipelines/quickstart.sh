#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing, builds, and sends one feature through the whole chain: truncated,
# quantised, packed, coded as H.266, decoded, put together again. Ends with a table, the commands
# it ran, and two pictures in pipelines/out/.
#
#   pipelines/quickstart.sh [FEATURE.npy [QP [MIN MAX]]]
#
# FEATURE.npy  float16, float32 or float64 (default: the language model's feature in tests/data)
# QP           0 (finest) to 63 (coarsest); default: 12 for the shipped feature, 32 for another one
# MIN MAX      where to truncate; default: -256 640 for the shipped feature, the smallest and the
#              largest value for another one
# tests/data/README.md says what the shipped feature's settings were chosen by.
#
# QUICKSTART_BUILD names a build folder that is ready, so that nothing is installed nor built;
# QUICKSTART_OUT another folder for the results.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: pipelines/quickstart.sh [FEATURE.npy [QP [MIN MAX]]]'
case ${1:-} in
  -h | --help)
    sed -n '3,17s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit
    ;;
  -*) die "there is no option '$1'; $usage" ;;
esac
[ $# -le 4 ] || die "$# arguments are too many; $usage"
[ $# -ne 3 ] || die "MIN is '$3', and MAX is missing; $usage"
shipped=tests/data/smollm2_135m_layer30_1x1x32x576.npy
feature=$root/$shipped
[ $# -eq 0 ] || feature=$(realpath -m -- "$1")
[ -e "$feature" ] || die "there is no file '$1'"
[ -f "$feature" ] && [ -r "$feature" ] || die "'$1' is not a file that can be read"
default_qp=32
[ "$feature" != "$root/$shipped" ] || default_qp=12
qp=${2:-$default_qp}
[[ $qp =~ ^[0-9]{1,2}$ ]] && [ "$qp" -le 63 ] || die "QP is '$qp', must be a whole number from 0 to 63"
qp=$((10#$qp))
if [ $# -eq 4 ]; then
  for value in "$3" "$4"; do
    [[ $value =~ ^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$ ]] || die "'$value' is not a number; $usage"
  done
  LC_ALL=C awk -v min="$3" -v max="$4" 'BEGIN { exit !(min + 0 < max + 0) }' ||
    die "MIN is $3 and MAX is $4; MIN must be below MAX"
fi
out=$(realpath -m -- "${QUICKSTART_OUT:-$root/pipelines/out}")
folder=${QUICKSTART_BUILD:-$root/build}
started=$PWD
cd "$root"
feature=${feature#"$root/"} out=${out#"$root/"} folder=${folder#"$root/"}

if [ -z "${QUICKSTART_BUILD:-}" ]; then
  alone
  install_packages run
  # shellcheck disable=SC2034
  targets=(elements)
  build build -Dgstreamer=enabled -Dfeatureproc=enabled -Dnpy=enabled -Dmetric=enabled \
    -Dvvc=enabled || exit 1
fi
environment "$folder"

description=$(pipelines/describe_npy.py "$feature") || exit 1
shape='' dtype='' points='' bytes='' min='' max='' q01='' q99=''
eval "$description"
if [ $# -eq 4 ]; then
  min=$3 max=$4
elif [ "$feature" = "$shipped" ]; then
  min=-256 max=640
fi
[ "$min" != "$max" ] || die "every value of '$feature' is $min: give QP, MIN and MAX"

mkdir -p "$out"
commands=()
# launch NAME ELEMENTS...: runs a pipeline; its messages (-m), in which the figures of the table are,
# go to $out/NAME.log.
launch() {
  local name=$1 argument line=gst-launch-1.0
  shift
  for argument in "$@"; do
    [[ $argument =~ ^[A-Za-z0-9_./=:!+-]+$ ]] || argument=${argument@Q}
    line+=" $argument"
  done
  commands+=("$line")
  if ! gst-launch-1.0 -m "$@" >"$out/$name.log" 2>&1; then
    grep -E -A 3 'ERROR|WARN|erroneous' "$out/$name.log" >&2 || tail -n 5 "$out/$name.log" >&2
    die "this pipeline failed: $line"
  fi
}
# value NAME STRUCTURE FIELD: a field of the last such element message in NAME.log.
value() {
  local found
  found=$(sed -n "s/.*[: ]$2, .*\b$3=([a-z0-9]*)\([^,;]*\)[,;].*/\1/p" "$out/$1.log" | tail -n 1)
  [ -n "$found" ] || die "no $3 of $2 in $out/$1.log"
  echo "$found"
}
significant() { LC_ALL=C awk -v x="$1" 'BEGIN { printf "%.6g", x }'; }
rounded() { LC_ALL=C awk -v x="$1" -v by="$2" -v digits="$3" 'BEGIN { printf "%." digits "f", x / by }'; }

range=("range-min=<$min>" "range-max=<$max>")
launch encode filesrc "location=$feature" ! npydec ! featuretrunc "${range[@]}" ! \
  featurequant "${range[@]}" ! featurepack ! vvcfeatenc "qp=$qp" ! \
  filesink "location=$out/feature.266"
launch decode filesrc "location=$out/feature.266" ! vvcfeatdec ! featureunpack ! featuredequant ! \
  npyenc ! filesink "location=$out/decoded.npy"
launch mse-original featuremetric name=m print=true ! fakesink \
  filesrc "location=$feature" ! npydec ! m.ref \
  filesrc "location=$out/decoded.npy" ! npydec ! m.test
launch mse-truncated featuremetric name=m print=true ! fakesink \
  filesrc "location=$feature" ! npydec ! featuretrunc "${range[@]}" ! m.ref \
  filesrc "location=$out/decoded.npy" ! npydec ! m.test
# For the eye: the middle 98 % of the original's values from black to white, all of them if those are
# one value.
[ "$q01" != "$q99" ] || q01=$min q99=$max
range=("range-min=<$q01>" "range-max=<$q99>")
for picture in original decoded; do
  source=$feature
  [ $picture = original ] || source=$out/decoded.npy
  launch $picture filesrc "location=$source" ! npydec ! featuretrunc "${range[@]}" ! \
    featurequant "${range[@]}" ! featurepack ! videoconvert ! pngenc ! \
    filesink "location=$out/$picture.png"
done

coded=$(stat -c %s "$out/feature.266")
decoded=$(pipelines/describe_npy.py "$out/decoded.npy")
[ "$(sed -n 's/^shape=//p' <<<"$decoded")" = "'$shape'" ] ||
  die "the decoded feature has another shape: $decoded"

row() { printf '%-16s %s\n' "$1" "$2"; }
echo
row feature "$feature"
row shape "$shape $dtype, $points points, $bytes bytes"
row quantised "10 bits from $min to $max, QP $qp"
row coded "$coded bytes"
row BPFP "$(rounded $((8 * coded)) "$points" 4)"
row 'MSE, original' "$(significant "$(value mse-original featuremetric mse)")"
row 'MSE, truncated' "$(significant "$(value mse-truncated featuremetric mse)")"
row 'encode, ms' "$(rounded "$(value encode vvcfeatenc-stats encode-time)" 1000000 1)"
row 'decode, ms' "$(rounded "$(value decode vvcfeatdec-stats decode-time)" 1000000 1)"
row pictures "$out/original.png $out/decoded.png"
row 'decoded feature' "$out/decoded.npy"
echo
enter=$(printf 'meson devenv -C %q -w .' "$folder")
[ "$started" = "$root" ] || enter="$(printf 'cd %q' "$root") && $enter"
echo "The commands; GStreamer finds the elements in the shell that this opens: $enter"
printf '  %s\n' "${commands[@]}"
