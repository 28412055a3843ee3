#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Trains the paper's model for each task on features of that task alone, and tests each on features of
# all tasks that no model was trained on, beside the default model (Table 6 of the paper).
#
#   pipelines/hyperprior/references.sh OUT [FILE[:LO,HI]...]
#
# OUT   folder of default.sh, or a new one: features and models, which are made once, and the tables,
#       OUT/references.md. Training goes on where it stopped.
# FILE  further .npy files to test with, cut to LO,HI
#
# HYPERPRIOR_BUILD names a build folder that is ready, with hyperprior-rd; PYTHON a Python with torch
# and NumPy, MODEL another default model, STEPS (4000), DEVICE (cpu) and THREADS (1) what programs are told.
set -euo pipefail
# shellcheck source=../common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
# shellcheck source=features.sh
. "$root/pipelines/hyperprior/features.sh"

case ${1:--h} in
  -*)
    sed -n '3,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit
    ;;
esac
out=$(realpath -m -- "$1")
shift
trainer
[ -x "$folder/tests/bench/hyperprior-rd" ] || die "there is no '$folder/tests/bench/hyperprior-rd'"
threads=${THREADS:-1}
export OMP_NUM_THREADS="$threads"

training_features "$out" "$folder"
test_features "$out" "$folder"
mkdir -p "$out/references"
for task in cls seg dpt csr tti; do
  model=$out/references/$task
  [ ! -f "$model.hyperprior" ] || continue
  resume=()
  [ ! -f "$model.checkpoint" ] || resume=(--resume)
  "$train" --architecture reference --features "$out/features/suite-$task" \
    --features "$out/features/pattern-$task" --steps "${STEPS:-4000}" --batch 4 --crop 64x64 \
    --lambda 0.01 --learning-rate 5e-4 --validate-every 100 --seed 1 --device "${DEVICE:-cpu}" \
    --threads "$threads" --checkpoint "$model.checkpoint" --checkpoint-every 500 --log "$model.csv" \
    --name "reference-$task" --export "$model.hyperprior" "${resume[@]}"
done
"${PYTHON:-python3}" "$root/pipelines/hyperprior/references.py" "$out" "$folder" \
  "${MODEL:-$root/ext/hyperprior/models/default.hyperprior}" "$threads" "$@" | tee "$out/references.md"
