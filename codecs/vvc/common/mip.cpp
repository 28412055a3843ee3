// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/mip.h"

#include <algorithm>

namespace feat::vvc {
namespace {

constexpr int kShift = 6;
constexpr int kWeightOffset = 32;

int size_id(int log2_w, int log2_h) {
  if (log2_w == 2 && log2_h == 2) return 0;
  return log2_w == 2 || log2_h == 2 || (log2_w == 3 && log2_h == 3) ? 1 : 2;
}

// Means of equal pieces of one side's references.
void reduce_boundary(const uint16_t *ref, int log2_side, int log2_count, int *out) {
  const int shift = log2_side - log2_count;
  for (int i = 0; i < 1 << log2_count; i++) {
    int sum = shift > 0 ? 1 << (shift - 1) : 0;
    for (int k = 0; k < 1 << shift; k++) sum += ref[(i << shift) + k];
    out[i] = sum >> shift;
  }
}

// Fills the samples between `before` and those that are there already, 2^log2_factor apart, by
// linear interpolation.
void interpolate(int before, int count, int log2_factor, ptrdiff_t step, uint16_t *out) {
  const int factor = 1 << log2_factor;
  for (int i = 0; i < count; i++) {
    const int behind = out[(factor - 1) * step];
    for (int k = 1; k <= factor; k++, out += step) {
      *out = static_cast<uint16_t>(((factor - k) * before + k * behind + (factor >> 1)) >>
                                   log2_factor);
    }
    before = behind;
  }
}

}  // namespace

int mip_modes(int log2_w, int log2_h) {
  constexpr int kModes[3] = {16, 8, 6};
  return kModes[size_id(log2_w, log2_h)];
}

void predict_mip(const IntraReference &ref, int mode, bool transposed, int log2_w, int log2_h,
                 int bit_depth, uint16_t *pred, ptrdiff_t stride) {
  const int id = size_id(log2_w, log2_h);
  const int log2_boundary = id == 0 ? 1 : 2;
  const int log2_reduced = id == 2 ? 3 : 2;
  const int boundary = 1 << log2_boundary;
  const int reduced = 1 << log2_reduced;
  const int inputs = 2 * boundary;
  const uint16_t *above = ref.above.data() + 1;
  const uint16_t *left = ref.left.data() + 1;

  int input[8];
  reduce_boundary(above, log2_w, log2_boundary, input + (transposed ? boundary : 0));
  reduce_boundary(left, log2_h, log2_boundary, input + (transposed ? 0 : boundary));
  const int base = input[0];
  for (int i = 1; i < inputs; i++) input[i] -= base;
  input[0] = id == 2 ? 0 : (1 << (bit_depth - 1)) - base;
  int sum = 0;
  for (int i = 0; i < inputs; i++) sum += input[i];
  const int round = (1 << (kShift - 1)) - kWeightOffset * sum;

  // The largest size has no weight for the first input.
  const int skipped = id == 2 ? 1 : 0;
  const int weights = inputs - skipped;
  const uint8_t *const kMatrices[3] = {kMipMatrix4, kMipMatrix8, kMipMatrix16};
  const uint8_t *weight = kMatrices[id] + mode * reduced * reduced * weights;

  // Reduced samples go to where they stay: the last of the pieces that upsampling fills.
  const int log2_across = log2_w - log2_reduced;
  const int log2_down = log2_h - log2_reduced;
  const int max_value = (1 << bit_depth) - 1;
  for (int y = 0; y < reduced; y++) {
    for (int x = 0; x < reduced; x++, weight += weights) {
      int v = round;
      for (int i = 0; i < weights; i++) v += input[skipped + i] * weight[i];
      const int column = ((transposed ? y : x) + 1) << log2_across;
      const int row = ((transposed ? x : y) + 1) << log2_down;
      pred[(row - 1) * stride + column - 1] =
          static_cast<uint16_t>(std::clamp((v >> kShift) + base, 0, max_value));
    }
  }
  if (log2_across > 0) {
    for (int i = 1; i <= reduced; i++) {
      const int row = (i << log2_down) - 1;
      interpolate(left[row], reduced, log2_across, 1, pred + row * stride);
    }
  }
  if (log2_down > 0) {
    for (int x = 0; x < 1 << log2_w; x++) {
      interpolate(above[x], reduced, log2_down, stride, pred + x);
    }
  }
}

}  // namespace feat::vvc
