// SPDX-License-Identifier: LGPL-2.1-or-later
//
// coding_unit() with transform_unit() for intra units of one component (clauses 7.3.11.5 and
// 7.3.11.10), to a CabacEncoder or a RateCounter.
#pragma once

#include <cstdint>

#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/coding_syntax.h"
#include "codecs/vvc/encoder/residual_writer.h"

namespace feat::vvc {

inline constexpr int kLog2MaxTransformSkip = 5;

// `levels` in rows of the unit's width.
template <typename Sink>
void write_coding_unit(Sink &sink, const CodingUnit &cu, const MpmList &mpm,
                       const int32_t *levels) {
  write_intra_mode(sink, cu.mode, mpm);
  sink.bin(kCtxCbf, cu.coded ? 1 : 0);
  if (!cu.coded) return;
  if (cu.log2_size <= kLog2MaxTransformSkip) sink.bin(kCtxTsFlag, cu.transform_skip ? 1 : 0);
  if (cu.transform_skip) {
    TsResidualWriter<Sink>(sink, levels, cu.log2_size, cu.log2_size).write();
  } else {
    ResidualWriter<Sink>(sink, levels, cu.log2_size, cu.log2_size).write();
  }
}

}  // namespace feat::vvc
