// SPDX-License-Identifier: LGPL-2.1-or-later
//
// SEI messages (clause 7.3.6, H.274 clauses 8.3 and 8.6 as far as the encoder sends them).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {

// RBSP of a prefix SEI with the messages user_data_unregistered.
std::vector<uint8_t> write_user_data_sei(std::span<const UserData> user_data);
// RBSP of a suffix SEI with the MD5 of the one component.
std::vector<uint8_t> write_md5_sei(const std::array<uint8_t, 16> &md5);

}  // namespace feat::vvc
