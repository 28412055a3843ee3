// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tensors that say which one they are: what a receiver gets is compared with what was sent.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace test {

inline constexpr int kUnitRows = 64;
inline constexpr int kUnitColumns = 64;
// Quantised to 10 bits, so that they pass a lossless H.266 encoder too.
inline constexpr char kUnitCaps[] =
    "application/x-feature-tensor, format=U16LE, shape=<1,1,64,64>, bit-depth=10, "
    "range-min=<-20.0>, range-max=<20.0>, rounding=nearest, source-format=F32LE";

// Tensor `index`, its number in the first three values, noise behind.
std::vector<uint8_t> make_unit(uint32_t index);
// The number of the tensor, nothing if it is none of them, bit for bit.
std::optional<uint32_t> read_unit(std::span<const uint8_t> bytes);

}  // namespace test
