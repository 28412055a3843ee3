// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parsers of the picture header and the slice header (clauses 7.3.2.8 and 7.3.7).
#pragma once

#include <array>
#include <optional>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/decoder/alf.h"
#include "codecs/vvc/decoder/bit_reader.h"
#include "codecs/vvc/decoder/lmcs.h"

namespace feat::vvc {

// The parameter sets received so far, by their ids.
struct ParameterSets {
  std::array<std::optional<Sps>, 16> sps;
  std::array<std::optional<Pps>, 64> pps;
  std::array<std::optional<LmcsModel>, 4> lmcs;
  std::array<std::optional<AlfFilters>, 8> alf;

  // The sets that a picture header refers to; throws if they are missing.
  const Pps &pps_of(int pps_id) const;
  const Sps &sps_of(const Pps &pps) const;
};

PictureHeader parse_picture_header(BitReader &r, const ParameterSets &sets);

// What follows the picture header in a slice header, to the end of the alignment bits.
SliceHeader parse_slice_header(BitReader &r, NalType type, const PictureHeader &ph, bool ph_inside,
                               const Sps &sps, const Pps &pps);

}  // namespace feat::vvc
