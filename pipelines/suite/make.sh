#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes pipelines/suite/data: renders, trains, exports, checks. PYTHON needs NumPy and PyTorch >= 2.0;
# options go to make.py: --threads 1 beside other work, as threads that wait keep a core busy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
python=${PYTHON:-python3}
"$python" make.py "$@"
record=$(mktemp --suffix=.npz)
trap 'rm -f "$record"' EXIT
"$python" check.py data --record "$record"
# Debian's PyTorch is the oldest LibTorch that the elements are built against.
if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
  /usr/bin/python3 check.py data --against "$record"
else
  echo "make.sh: /usr/bin/python3 has no PyTorch (python3-torch); the models were not checked in it"
fi
/usr/bin/python3 ../../tests/suite/suite_test.py data
