// SPDX-License-Identifier: LGPL-2.1-or-later
//
// NAL units of a byte stream (clauses 7.3.1 and B.2).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/vvc/common/params.h"

namespace feat::vvc {

struct NalUnit {
  NalType type;
  int layer_id;
  int temporal_id;
  std::span<const uint8_t> bytes;    // header and payload
  std::span<const uint8_t> payload;  // after the two header bytes, escaped
};

// Takes the first NAL unit off `stream`; false if there is none left. Units too short for a
// header are skipped.
bool next_nal_unit(std::span<const uint8_t> &stream, NalUnit &nal);

// Removes the emulation prevention bytes. `removed`, if any, gets how many bytes stay before each.
std::vector<uint8_t> unescape(std::span<const uint8_t> payload,
                              std::vector<size_t> *removed = nullptr);

}  // namespace feat::vvc
