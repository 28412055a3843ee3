// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/nal_writer.h"

namespace feat::vvc {

void write_nal(NalType type, std::span<const uint8_t> rbsp, bool first_in_unit,
               std::vector<uint8_t> &out) {
  const bool parameter_set = type == NalType::kSps || type == NalType::kPps;
  out.reserve(out.size() + rbsp.size() + rbsp.size() / 64 + 16);
  if (first_in_unit || parameter_set) out.push_back(0);
  out.insert(out.end(), {0, 0, 1});
  out.push_back(0);                                                        // layer 0
  out.push_back(static_cast<uint8_t>((static_cast<int>(type) << 3) | 1));  // temporal sub-layer 0
  int zeros = 0;
  for (const uint8_t byte : rbsp) {
    if (zeros == 2 && byte <= 3) {
      out.push_back(3);
      zeros = 0;
    }
    out.push_back(byte);
    zeros = byte == 0 ? zeros + 1 : 0;
  }
}

}  // namespace feat::vvc
