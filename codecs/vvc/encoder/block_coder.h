// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes one block as a single coding unit: mode, transform or none, levels.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/dep_quant.h"
#include "codecs/vvc/encoder/lambda.h"
#include "codecs/vvc/encoder/mode_search.h"
#include "codecs/vvc/encoder/quant_step.h"
#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/trellis_rates.h"

namespace feat::vvc {

inline constexpr int kLog2MaxBlock = 6;
inline constexpr int kMaxBlockArea = 1 << (2 * kLog2MaxBlock);

struct CodedBlock {
  CodingUnit unit;
  int64_t distortion = 0;                     // sum of squared errors
  std::array<int32_t, kMaxBlockArea> levels;  // in rows of the block's width
  std::array<uint16_t, kMaxBlockArea> recon;
};

class BlockCoder {
 public:
  BlockCoder(int qp, int bit_depth);

  const Lambda &lambda() const { return lambda_; }
  // Whether neighbouring columns of the last block's source differ more than neighbouring rows.
  bool varies_along_rows() const;

  // Finds the best way to code a node of the tree as one unit with the given context states.
  // `known` holds the modes to try; if it is empty, it is filled with the mode that did best.
  void code(const CodedFrame &frame, const TreeNode &node, const ContextSet &contexts,
            ModeCandidates &known, CodedBlock &out);

 private:
  void subtract(const uint16_t *prediction);
  int64_t residual_energy() const;
  void try_mode(int mode, int64_t mode_rate, const ContextSet &contexts, CodedBlock &out);
  void try_transform_skip(int64_t mode_rate, const ContextSet &contexts, CodedBlock &out);
  void keep(int64_t cost, int mode, bool coded, bool transform_skip, CodedBlock &out);
  void reconstruct(CodedBlock &out);

  int qp_;  // with the bit depth's offset
  int bit_depth_;
  Lambda lambda_;
  std::array<std::array<QuantStep, kLog2MaxBlock + 1>, kLog2MaxBlock + 1> steps_{};
  QuantStep skip_step_{};
  TrellisRates rates_;
  DepQuantizer quantizer_;
  IntraReference reference_{};

  // The block in work.
  int log2_w_ = 0;
  int log2_h_ = 0;
  int64_t best_cost_ = 0;
  std::array<uint16_t, kMaxBlockArea> source_;
  std::array<uint16_t, kMaxBlockArea> prediction_;
  std::array<uint16_t, kMaxBlockArea> best_prediction_;
  std::array<int16_t, kMaxBlockArea> residual_;
  std::array<int32_t, kMaxBlockArea> coefficients_;
  std::array<int32_t, kMaxBlockArea> levels_;
  std::array<int32_t, kMaxBlockArea> decoded_residual_;

  int width() const { return 1 << log2_w_; }
  int height() const { return 1 << log2_h_; }
  size_t area() const { return size_t{1} << (log2_w_ + log2_h_); }
};

}  // namespace feat::vvc
