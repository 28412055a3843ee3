// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes one block without loss: prediction along any mode, or from sample to sample (BDPCM), and
// the differences as levels of a transform-skipped block with a step of 1.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/encoder/coded_block.h"
#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/effort.h"

namespace feat::vvc {

// QP of the slice at which a level of a transform-skipped block is one code value.
inline int lossless_qp(int bit_depth) {
  return 4 - 6 * (bit_depth - 8);
}
// What the search does, whatever the effort: mode decisions by rate alone.
Effort lossless_effort(const Effort &effort);

class LosslessCoder {
 public:
  LosslessCoder(const CodedFrame &frame, const Effort &effort) : frame_(frame), effort_(effort) {}

  // Finds the best way to code a node of the tree as one unit. One that is too large for transform
  // skip and not predicted exactly gets a distortion that no saving of rate makes up for.
  void code(const TreeNode &node, const ContextSet &contexts, KnownChoice &known, CodedBlock &out);

 private:
  // Tries one prediction and keeps it in `out` if it takes fewer bits than those before.
  void try_choice(const IntraChoice &choice, bool bdpcm, CodedBlock &out);
  void search(KnownChoice &known, CodedBlock &out);

  const CodedFrame &frame_;
  Effort effort_;
  IntraReference reference_{};
  std::array<uint16_t, kMaxBlockArea> prediction_;
  std::array<int16_t, kMaxBlockArea> residual_;
  std::array<int32_t, kMaxBlockArea> levels_;

  // The block in work.
  TreeNode node_;
  const ContextSet *contexts_ = nullptr;
  MpmList mpm_{};
  IntraSyntax syntax_{};
  int64_t best_rate_ = 0;
};

}  // namespace feat::vvc
