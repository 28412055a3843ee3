// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes one square block as a single coding unit: mode, transform or none, levels.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/dep_quant.h"
#include "codecs/vvc/encoder/lambda.h"
#include "codecs/vvc/encoder/quant_step.h"
#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/trellis_rates.h"

namespace feat::vvc {

inline constexpr int kLog2MaxBlock = 6;
inline constexpr int kMaxBlockArea = 1 << (2 * kLog2MaxBlock);

struct CodedBlock {
  CodingUnit unit;
  int64_t distortion = 0;  // sum of squared errors
  std::array<int32_t, kMaxBlockArea> levels;
  std::array<uint16_t, kMaxBlockArea> recon;  // in rows of the block's width
};

class BlockCoder {
 public:
  BlockCoder(int qp, int bit_depth);

  const Lambda &lambda() const { return lambda_; }

  // Finds the best way to code the block at (x, y) as one unit with the given context states.
  void code(const CodedFrame &frame, int x, int y, int log2_size, const ContextSet &contexts,
            CodedBlock &out);

 private:
  struct Trial {
    int64_t cost;
    CodingUnit unit;
  };

  void subtract(int size);
  int64_t residual_energy(int size) const;
  void try_mode(int mode, int log2_size, int64_t mode_rate, const ContextSet &contexts,
                int64_t &best_cost, CodedBlock &out);
  void reconstruct(const CodingUnit &unit, int log2_size, CodedBlock &out);

  int qp_;  // with the bit depth's offset
  int bit_depth_;
  Lambda lambda_;
  int64_t root_lambda_;
  std::array<QuantStep, kLog2MaxBlock + 1> steps_{};
  QuantStep skip_step_{};
  TrellisRates rates_;
  DepQuantizer quantizer_;
  IntraReference reference_{};
  std::array<uint16_t, kMaxBlockArea> source_;
  std::array<uint16_t, kMaxBlockArea> prediction_;
  std::array<int16_t, kMaxBlockArea> residual_;
  std::array<int32_t, kMaxBlockArea> coefficients_;
  std::array<int32_t, kMaxBlockArea> levels_;
  std::array<int32_t, kMaxBlockArea> scaled_;
  std::array<uint16_t, kMaxBlockArea> best_prediction_;
};

}  // namespace feat::vvc
