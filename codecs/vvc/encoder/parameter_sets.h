// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Writers of the parameter sets and the slice header (clauses 7.3.2.4, 7.3.2.5 and 7.3.7).
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/encoder/alf_choice.h"
#include "codecs/vvc/encoder/bit_writer.h"

namespace feat::vvc {

std::vector<uint8_t> write_sps(const Sps &sps);
std::vector<uint8_t> write_pps(const Pps &pps);
// An APS with luma filters of the loop (clause 7.3.2.18), of id 0.
std::vector<uint8_t> write_alf_aps(const AlfChoice &choice);
// Header of the one slice of an IDR_N_LP picture, the picture header inside it, up to and with
// byte_alignment().
std::vector<uint8_t> write_slice_header(const SliceHeader &slice, const Sps &sps, const Pps &pps);

}  // namespace feat::vvc
