// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_expert.h"

namespace feat::native::lossless {
namespace {

constexpr auto make_reciprocals() {
  std::array<uint16_t, 1 << (kSpreadBits - 1)> table{};
  for (size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<uint16_t>((1 << 24) / (table.size() + i));
  return table;
}

}  // namespace

constinit const std::array<uint16_t, 1 << (kSpreadBits - 1)> kReciprocals = make_reciprocals();

}  // namespace feat::native::lossless
