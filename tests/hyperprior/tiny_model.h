// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A model for tests: the analysis puts each block of 8x8 samples into 64 channels and the synthesis
// puts them back, so that latents are nothing but samples and the only loss is their rounding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace test {

// The file; other names make other models. With `steps` it is one of many rates.
std::vector<uint8_t> tiny_model(const std::string &name, bool steps = true);

}  // namespace test
