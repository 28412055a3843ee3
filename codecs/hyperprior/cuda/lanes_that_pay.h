// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace feat::hyperprior {

// With fewer lanes in all chunks the entropy coder of the CPU does the work: a warp needs as long
// for one lane as for 32 of them. An estimate: 100 ns for a step of a warp, 3 ns for a value on a
// CPU.
inline constexpr uint64_t kLanesThatPay = 32;

}  // namespace feat::hyperprior
