// SPDX-License-Identifier: LGPL-2.1-or-later
//
// In-loop filters, applied to the whole reconstructed picture in the order of clause 8.8.1.
#pragma once

#include <vector>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/decoder/alf.h"
#include "codecs/vvc/decoder/frame.h"

namespace feat::vvc {

void deblock_picture(Frame &frame, const SliceHeader &sh, int log2_ctu);
void sao_picture(Frame &frame, const SliceHeader &sh, int log2_ctu);
// `adapted`: the filters of the slice's APSs, in the order of its header.
void alf_picture(Frame &frame, const std::vector<AlfFilters> &adapted, int log2_ctu);

}  // namespace feat::vvc
