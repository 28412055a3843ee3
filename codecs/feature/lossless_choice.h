// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How the encoder codes a tensor: what a sample costs each way.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/lossless_payload.h"

namespace feat::native::lossless {

// Fills `preamble` and makes of `codes`, which hold whole numbers, those that go into tiles.
void choose(Format format, std::span<const uint32_t> shape, std::vector<Code> &codes,
            Preamble &preamble);

}  // namespace feat::native::lossless
