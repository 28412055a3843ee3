// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/conditions.h"

#include "codecs/hyperprior/train/error.h"
#include "gst/feature/condition_ranges.h"

namespace feat::hyperprior::train {

Ranges ranges_of(const std::string &conditions) {
  std::string names;
  for (const ConditionRanges &row : kConditionRanges) {
    if (conditions == row.name)
      return {{row.min, row.min + row.count}, {row.max, row.max + row.count}, row.axis};
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error("--conditions " + conditions + " are none of " + names);
}

}  // namespace feat::hyperprior::train
