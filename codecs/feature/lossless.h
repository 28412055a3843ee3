// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lossless coding of tensors: every bit of every element comes back. The format of the payload:
// docs/feature-codec.md, "Lossless payload".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/feature_codec.h"

namespace feat::native {

// Appends the payload to `out`. `data` holds the elements of a tensor of this shape in C order. The
// bytes are the same for any number of threads.
void encode_lossless(Format format, std::span<const uint32_t> shape, std::span<const uint8_t> data,
                     int threads, std::vector<uint8_t> &out);

// Fills `data`, which has the size that format and shape tell. Whatever the payload is, this takes
// time and memory in proportion to `data`.
Status decode_lossless(Format format, std::span<const uint32_t> shape,
                       std::span<const uint8_t> payload, int threads, std::span<uint8_t> data);

}  // namespace feat::native
