// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The payload of units of the image layout.
#pragma once

#include <cstdint>
#include <span>

#include "codecs/feature/payload.h"

namespace feat::native {

CodedPayload encode_images(const UnitHeader &header, std::span<const float> values,
                           const Search &search, int threads);

// `values` has the number of points of the tensor, which is not 0.
Status decode_images(const UnitHeader &header, std::span<const uint8_t> payload, int threads,
                     std::span<float> values);

}  // namespace feat::native
