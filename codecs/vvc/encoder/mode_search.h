// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Preselection of intra modes by the cost of their residuals.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/common/contexts.h"
#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/coding_syntax.h"

namespace feat::vvc {

// Rate of a prediction under fixed context states.
int64_t prediction_rate(const ContextSet &contexts, const IntraChoice &choice,
                        const IntraSyntax &syntax, const MpmList &mpm);

struct ModeCandidate {
  uint8_t mode = kPlanar;
  uint8_t ref_idx = 0;
  int64_t cost = 0;  // comparable within a block
};

struct ModeCandidates {
  static constexpr size_t kMax = 8;
  std::array<ModeCandidate, kMax> best;
  size_t count = 0;
};

struct ModeSearchSettings {
  size_t wanted = 3;
  int coarse_step = 8;     // of the angles tried first
  bool far_lines = false;  // most probable modes from reference lines 1 and 2 as well
  int margin_shift = 5;    // and none that is more than 1/2^shift above the best
  bool absolute = false;   // by absolute differences instead of Hadamard sums
};

// The modes that promise most for the block at (x, y) of 2^log2_w x 2^log2_h, best first.
// `root_lambda` is the square root of lambda in 1/256.
ModeCandidates preselect_modes(const CodedFrame &frame, int x, int y, int log2_w, int log2_h,
                               const ContextSet &contexts, const IntraSyntax &syntax,
                               const MpmList &mpm, int64_t root_lambda,
                               const ModeSearchSettings &settings);

}  // namespace feat::vvc
