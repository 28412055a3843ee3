// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What stands in front of a unit's payload (docs/hyperprior.md, "Units").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/hyperprior/preparation.h"

namespace feat::hyperprior {

struct UnitHeader {
  UnitInfo info;
  Preparation how;
  bool normalised = false;  // mean and deviation stand in the unit
  int step_code = -1;       // -1: the model has no steps
};

// Appends a unit: magic, length, checksum, header and payload.
void write_unit(const UnitHeader &header, uint64_t model_hash, std::span<const uint8_t> payload,
                std::vector<uint8_t> &out);

// Reads the header at the start of `unit`; `payload` is the rest of the unit. The checksum is not
// looked at.
Status read_header(std::span<const uint8_t> unit, UnitHeader &header,
                   std::span<const uint8_t> &payload);

// Whether the checksum of a unit that read_header() accepts is right.
bool checksum_agrees(std::span<const uint8_t> unit, uint64_t model_hash);

}  // namespace feat::hyperprior
