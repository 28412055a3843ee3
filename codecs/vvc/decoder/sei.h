// SPDX-License-Identifier: LGPL-2.1-or-later
//
// SEI messages that the decoder makes use of (clause 7.3.6; H.274 clauses 8.3 and 8.27).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codecs/vvc/common/md5.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {

struct SeiMessages {
  std::vector<UserData> user_data;
  std::optional<Md5Digest> picture_md5;
};

// Appends the messages of one SEI NAL unit to `out`.
void parse_sei(std::span<const uint8_t> payload, SeiMessages &out);

}  // namespace feat::vvc
