// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The hyper-synthesis, which tells the entropy decoder how latents are distributed: in integers, so
// that it comes to the same on every machine. A layer gives, for output channel o at some place,
//   (bias[o] + 2^(shift[o] - 1) + sum weight[o, i, ...] * x[i, ...]) >> shift[o]
// (without the power of two where shift is 0), cut to [0, kMaxActivation] where a kRelu follows
// and to [-kMaxActivation, kMaxActivation] where another layer does. Hyper-latents are cut to
// [-kMaxHyperLatent, kMaxHyperLatent]. Sums fit in 32 bits: create() refuses weights with which
// they may not. What comes out is in units of 1/kOutputScale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/hyperprior/model.h"

namespace feat::hyperprior {

inline constexpr int kMaxHyperLatent = 127;
inline constexpr int kMaxActivation = 4095;
inline constexpr int kOutputScale = 256;

// One layer, ready to run.
struct IntegerLayer {
  // Of one phase (row and column of the output modulo the stride): which sample of the input counts
  // for it, relative to the place of the output divided by the stride.
  struct Tap {
    int dy = 0;
    int dx = 0;
    std::vector<int16_t> weights;  // [in_pairs][out_padded][2]
  };
  int in_pairs = 0;
  int out = 0;
  int out_padded = 0;  // a multiple of kOutBlock
  int stride = 1;      // the output is as many times larger
  int margin = 0;      // largest |dy| and |dx|
  bool relu = false;
  bool last = false;
  std::vector<std::vector<Tap>> phases;  // stride * stride of them, row by row
  std::vector<int32_t> bias;             // [out_padded], rounding included
  std::vector<int32_t> shift;            // [out_padded]
};

inline constexpr int kOutBlock = 16;

// A row of sums of one phase: `input` points at the first place of the row, whose channels are
// in_pairs * 2 apart; rows are `row_stride` apart. Sums go to out[place * step + o].
using PhaseRow = void(const IntegerLayer &layer, const std::vector<IntegerLayer::Tap> &taps,
                      const int16_t *input, ptrdiff_t row_stride, int width, int32_t *out,
                      ptrdiff_t step);
namespace scalar {
PhaseRow phase_row;
}
PhaseRow phase_row;  // by the best instructions that the machine has

class IntegerNetwork {
 public:
  // Null, and `wrong` is a sentence without a full stop: sums may overflow.
  static std::unique_ptr<const IntegerNetwork> create(const Model &model, std::string &wrong);

  // Takes one row of the output: [width, channels] in units of 1/kOutputScale.
  using RowSink = std::function<void(int row, const int32_t *values)>;

  // `z` is [height, width, hyper_latents]. Rows arrive in any order, from `threads` threads.
  void run(std::span<const int32_t> z, int height, int width, int threads, const RowSink &sink,
           PhaseRow *kernel = phase_row) const;

  int inputs() const { return inputs_; }
  int outputs() const { return layers_.back().out; }
  const std::vector<IntegerLayer> &layers() const { return layers_; }

 private:
  std::vector<IntegerLayer> layers_;
  int inputs_ = 0;
};

}  // namespace feat::hyperprior
