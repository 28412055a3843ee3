// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/latents.h"

#include <cmath>

namespace feat::hyperprior {

namespace {

constexpr double kOctaves = 10;

}  // namespace

std::vector<uint8_t> hyper_tables(const ModelDescription &model, size_t count) {
  std::vector<uint8_t> tables(count);
  const auto channels = static_cast<size_t>(model.hyper_latents);
  for (size_t i = 0; i < count; ++i) tables[i] = static_cast<uint8_t>(i % channels);
  return tables;
}

double step_of(double quality, const Preparation &how, int bit_depth) {
  return std::exp2(bit_depth - 1 - kOctaves * quality) / double{deviation_of(how.deviation_code)};
}

}  // namespace feat::hyperprior
