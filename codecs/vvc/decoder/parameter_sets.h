// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parsers of the parameter sets (clauses 7.3.2.4 and 7.3.2.5). A tool that the decoder cannot do is
// an error that names it.
#pragma once

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/decoder/bit_reader.h"

namespace feat::vvc {

Sps parse_sps(BitReader &r);

// Only what peek_stream_info() reports; does not mind tools.
Sps parse_sps_format(BitReader &r);

Pps parse_pps(BitReader &r);

// The limits of intra slices, which a picture header may override.
PartitionLimits parse_partition_limits(BitReader &r, const Sps &sps);

// In an SPS or a picture header.
VirtualBoundaries parse_virtual_boundaries(BitReader &r, const Sps &sps);

// The tiles and rectangular slices of a PPS, for a picture of so many samples.
PicturePartition parse_partition(BitReader &r, int width, int height);

// ref_pic_list_struct(); `in_sps` as opposed to in a picture or slice header.
RefPicList parse_ref_pic_list(BitReader &r, const Sps &sps, bool in_sps);

}  // namespace feat::vvc
