#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Trains the default model of the Hyperprior codec as it was trained: makes the features and runs
# hyperprior-train on them.
#
#   pipelines/hyperprior/default.sh OUT [FOLDER...]
#
# OUT     folder for features, checkpoint, log, curve and model; training goes on where it stopped
# FOLDER  more kinds of feature, one a folder of .npy files (the one that ships had 280 of a
#         sentence encoder's, truncated to -20...20)
#
# HYPERPRIOR_BUILD names a build folder that is ready, PYTHON a Python with torch and NumPy, STEPS
# (12000), DEVICE (auto) and THREADS (1) what hyperprior-train is told.
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

training_features "$out" "$folder"

kinds=()
for kind in "$out"/features/*/ "$@"; do kinds+=(--features "$kind"); done
resume=()
[ ! -f "$out/default.checkpoint" ] || resume=(--resume)
"$train" "${kinds[@]}" --steps "${STEPS:-12000}" --batch 16 --crop 128x128 --seed 1 \
  --device "${DEVICE:-auto}" --threads "${THREADS:-1}" --checkpoint "$out/default.checkpoint" \
  --checkpoint-every 500 --log "$out/default.csv" --curve "$out/default.png" --name default \
  --export "$out/default.hyperprior" "${resume[@]}"
