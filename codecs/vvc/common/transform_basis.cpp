// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/transform_basis.h"

#include <memory>

namespace feat::vvc {
namespace {

constexpr int kMinLog2 = 1;
constexpr int kMaxLog2 = 6;
constexpr size_t kSizes = kMaxLog2 - kMinLog2 + 1;

int entry(Kernel kernel, int log2_size, int function, int sample) {
  const int n = 1 << log2_size;
  if (kernel == Kernel::kDct2) {
    return kDct2[static_cast<size_t>(function * (64 / n))][static_cast<size_t>(sample)];
  }
  const int8_t *row = dst7_matrix(log2_size) + function * n;
  if (kernel == Kernel::kDst7) return row[sample];
  return (function & 1) != 0 ? -row[n - 1 - sample] : row[n - 1 - sample];
}

void fill(Kernel kernel, int log2_size, TransformBasis &basis) {
  const int n = 1 << log2_size;
  const int coded = coded_points(kernel, log2_size);
  for (int u = 0; u < coded; ++u) {
    for (int x = 0; x < n; ++x) {
      const auto value = static_cast<int16_t>(entry(kernel, log2_size, u, x));
      const auto put = [&](auto &where, int at) { where[static_cast<size_t>(at)] = value; };
      put(basis.by_function, u * n + x);
      put(basis.by_sample, x * coded + u);
      put(basis.function_pairs, (u & ~1) * n + 2 * x + (u & 1));
      put(basis.sample_pairs, (x & ~1) * coded + 2 * u + (x & 1));
    }
  }
}

using Bases = std::array<std::array<TransformBasis, kSizes>, 3>;

std::unique_ptr<Bases> make_bases() {
  auto bases = std::make_unique<Bases>();
  for (const Kernel kernel : {Kernel::kDct2, Kernel::kDst7, Kernel::kDct8}) {
    const bool cosine = kernel == Kernel::kDct2;
    for (int log2 = cosine ? kMinLog2 : 2; log2 <= (cosine ? kMaxLog2 : 5); ++log2) {
      fill(kernel, log2,
           (*bases)[static_cast<size_t>(kernel)][static_cast<size_t>(log2 - kMinLog2)]);
    }
  }
  return bases;
}

}  // namespace

const TransformBasis &transform_basis(Kernel kernel, int log2_size) {
  static const std::unique_ptr<Bases> bases = make_bases();
  return (*bases)[static_cast<size_t>(kernel)][static_cast<size_t>(log2_size - kMinLog2)];
}

}  // namespace feat::vvc
