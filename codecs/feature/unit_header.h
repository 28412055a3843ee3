// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What stands in front of a unit's payload (docs/feature-codec.md, "Units").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/common/byte_reader.h"
#include "codecs/feature/feature_codec.h"
#include "codecs/feature/step_size.h"

namespace feat::native {

struct UnitHeader {
  TensorInfo tensor;
  uint32_t profile_id = 0;
  std::vector<uint8_t> description;
  bool lossless = false;
  // Of lossy units:
  int step_code = 0;
  Quantizer quantizer = Quantizer::kDependent;
  Layout layout = Layout::kTokens;
  bool means = false;              // a row of channel means stands in front of the rows
  bool shared_statistics = false;  // matrices after the first go on with its statistics
  // kGrid: rows in front of the grid, and the height of the grid; kImage: see image_coder.h.
  uint32_t special_rows = 0;
  uint32_t grid_height = 0;
};

// Appends magic, length, checksum, header and payload.
void write_unit(const UnitHeader &header, ProfileHash profile, std::span<const uint8_t> payload,
                std::vector<uint8_t> &out);

// Reads the header at the start of `unit`. `payload` is the rest of the unit, `bytes` its whole
// length. The checksum is not looked at.
Status read_header(std::span<const uint8_t> unit, UnitHeader &header,
                   std::span<const uint8_t> &payload, size_t &bytes);

// Whether the checksum of a unit that read_header() accepts is right.
bool checksum_agrees(std::span<const uint8_t> unit, ProfileHash profile);

}  // namespace feat::native
