// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_FEATUREPROC_TESTPATTERN_H
#define GST_FEATUREPROC_TESTPATTERN_H

#include <gst/feature/gstfeature.h>

#include "gst/featureproc/synth.h"

namespace feat {

enum class Pattern { kNoise, kGradient, kZero, kRamp, kCls, kSeg, kDpt, kCsr, kTti };

/// Whether the pattern is one of the synthetic features, and which.
inline bool is_synthetic(Pattern pattern) {
  return pattern >= Pattern::kCls;
}
inline Synth to_synth(Pattern pattern) {
  return static_cast<Synth>(static_cast<int>(pattern) - static_cast<int>(Pattern::kCls));
}

/// Format of a pattern where nobody asks for another: float16 for tti, else float32.
GstFeatureFormat pattern_format(Pattern pattern);
/// Shape of a pattern where nobody asks for another: the paper's, or (1,1,64,256).
std::span<const int32_t> pattern_shape(Pattern pattern);

/// Writes tensor number `index` to `data`, which has room for the description's size.
void fill_pattern(Pattern pattern, guint64 seed, guint64 index, const GstFeatureInfo *info,
                  guint8 *data);

}  // namespace feat

#endif  // GST_FEATUREPROC_TESTPATTERN_H
