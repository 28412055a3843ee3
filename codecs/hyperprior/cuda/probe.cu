// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What Meson compiles to see whether nvcc and its host compiler know the C++ of the kernels.
#include <bit>
#include <cstdint>

__global__ void probe(uint32_t *value) {
  const auto count = [](uint32_t v) { return std::popcount(v); };
  *value = static_cast<uint32_t>(count(*value));
}
