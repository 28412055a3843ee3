// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What stands in front of a unit's payload (docs/feature-codec.md, "Units").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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

// Numbers of one to ten bytes, seven bits in each, the lowest first.
void write_varint(uint64_t value, std::vector<uint8_t> &out);

// Takes bytes off the front of a span. What is not there reads as zero and sets failed().
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> data) : data_(data) {}

  uint8_t byte();
  uint16_t u16();  // lowest byte first
  uint32_t u32();  // highest byte first
  uint64_t varint();
  std::span<const uint8_t> take(uint64_t count);
  std::span<const uint8_t> rest() const { return data_.subspan(position_); }
  size_t position() const { return position_; }
  bool failed() const { return failed_; }

 private:
  std::span<const uint8_t> data_;
  size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace feat::native
