// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codecs/hyperprior/train/npy_array.h"
#include "gst/featureproc/synth.h"

namespace feat::hyperprior::train {

// Synthetic features, "cls:1,1,257,1536:8": a name of cls, seg, dpt, csr and tti, a shape of four
// sides and how many (8). Throws Error.
class PatternSource {
 public:
  PatternSource(const std::string &text, uint64_t seed, uint64_t max_points);

  int count() const { return count_; }
  Array make(int index) const;

 private:
  Synth kind_ = Synth::kCls;
  std::vector<int32_t> shape_;
  int count_ = 8;
  uint64_t seed_;
};

}  // namespace feat::hyperprior::train
