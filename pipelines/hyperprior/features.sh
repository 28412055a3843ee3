# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # $root is common.sh's
# Sourced by default.sh and references.sh: features that models of the Hyperprior codec learn from and are tested with.

# trainer: $folder, a build that is ready, and $train, its hyperprior-train.
trainer() {
  folder=$(realpath -m -- "${HYPERPRIOR_BUILD:-$root/build}")
  environment "$folder"
  train=$folder/codecs/hyperprior/train/hyperprior-train
  [ -x "$train" ] || die "there is no '$train'"
}

# pattern FOLDER NAME SHAPE COUNT REGION FIRST: what featuretestsrc makes of COUNT seeds behind FIRST.
pattern() {
  local i files=$1/pattern-$2
  mkdir -p "$files"
  for i in $(seq "$4"); do
    gst-launch-1.0 -q featuretestsrc num-buffers=1 pattern="$2" seed=$(($6 + i)) shape="$3" ! \
      featuretrunc range-min="<-$5>" range-max="<$5>" ! npyenc ! filesink location="$files/${3//[^0-9]/-}$i.npy"
  done
}

# patterns FOLDER FIRST CLS SEG DPT CSR TTI: so many of each task, csr of both lengths.
patterns() {
  pattern "$1" cls "<1,1,257,1536>" "$3" 20.0 "$2"
  pattern "$1" seg "<1,1,1370,512>" "$4" 20.0 "$2"
  pattern "$1" dpt "<1,4,485,384>" "$5" 10.0 "$2"
  pattern "$1" csr "<1,1,96,4096>" "$6" 5.0 "$2"
  pattern "$1" csr "<1,1,180,2048>" "$6" 5.0 "$2"
  pattern "$1" tti "<16,128,128>" "$7" 20.0 "$2"
}

# training_features OUT FOLDER: into OUT/features, once. FOLDER is the build's.
training_features() {
  [ ! -f "$1/features/ready" ] || return 0
  patterns "$1/features" 1000 12 4 4 6 24
  "$2/pipelines/bench/feature-bench" run "$root/pipelines/suite/data/suite.json" \
    --out "$1/suite" --codec raw --task csr
  "${PYTHON:-python3}" "$root/pipelines/hyperprior/features.py" "$1/features" "$1/suite"
  touch "$1/features/ready"
}

# test_features OUT FOLDER: into OUT/test, once; of the suite's test, and of other seeds.
test_features() {
  [ ! -f "$1/test/ready" ] || return 0
  patterns "$1/test" 2000 2 1 1 1 4
  "$2/pipelines/bench/feature-bench" run "$root/pipelines/suite/data/suite.json" \
    --out "$1/test/suite" --codec raw --samples cls=12 --samples seg=6 --samples dpt=6 --samples csr=24 --samples tti=1
  touch "$1/test/ready"
}
