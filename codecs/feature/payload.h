// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The payload of lossy units: the jobs of a tensor, each coded on its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/profile.h"
#include "codecs/feature/unit_header.h"

namespace feat::native {

struct Search {
  float lambda = 0.4F;
  int rounds = 2;
  // What a level's bits are worth beside what those of tensor-wide choices are.
  float thrift = 1;
};
Search search_of(int effort);
Quantizer quantizer_of(int effort);

struct CodedPayload {
  std::vector<uint8_t> bytes;
  double squared_error = 0;
};

CodedPayload encode_payload(const UnitHeader &header, const ProfileData *profile,
                            std::span<const float> values, const Search &search, int threads);

// `values` has the number of points of the tensor. The header was checked with check_layout().
Status decode_payload(const UnitHeader &header, const ProfileData *profile,
                      std::span<const uint8_t> payload, int threads, std::span<float> values);

// Whether the header's layout and profile fit its shape.
Status check_layout(const UnitHeader &header, const ProfileData *profile);

}  // namespace feat::native
