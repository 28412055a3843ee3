// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Intra prediction (clause 8.4.5.2): reference samples, planar, DC and the angular modes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace feat::vvc {

inline constexpr int kPlanar = 0;
inline constexpr int kDc = 1;
inline constexpr int kHorizontal = 18;
inline constexpr int kDiagonal = 34;
inline constexpr int kVertical = 50;

// Reference samples of one block: left[0] and above[0] are the corner, left[1 + y] and
// above[1 + x] the neighbours, 2 * height and 2 * width of them. Of the reference line `ref_idx`
// (0 to 2 samples away from the block) there are `ref_idx` more at the beginning. Behind the last
// there is room for kRepeated copies of it, which interpolation reads.
struct IntraReference {
  static constexpr int kRepeated = 3;

  std::array<uint16_t, 1 + 2 * 128> left;
  std::array<uint16_t, 1 + 2 * 128> above;
  // How many neighbours there are; 0 stands for twice the block's side.
  int left_length = 0;
  int above_length = 0;
};

// Collects the reference samples around the block at (x, y) from the reconstruction. Which of
// them are decoded already: `left_count` rows below y on the left (0 to 2 * height),
// `above_count` columns right of x above (0 to 2 * width), and the corner. The others are
// substituted (clause 8.4.5.2.8).
void collect_reference(const uint16_t *recon, ptrdiff_t stride, int x, int y, int width, int height,
                       int left_count, int above_count, bool corner, int bit_depth,
                       IntraReference &ref, int ref_idx = 0);

// The same with any number of neighbours, at least the block's sides.
void collect_reference_of_length(const uint16_t *recon, ptrdiff_t stride, int x, int y,
                                 int left_length, int above_length, int left_count, int above_count,
                                 bool corner, int bit_depth, IntraReference &ref, int ref_idx = 0);

// Puts in the copies behind the last of `left_length` and `above_length` neighbours, which
// collect_reference() does already.
void repeat_last(IntraReference &ref, int left_length, int above_length);

// Predicts a block of 2^log2_w x 2^log2_h luma samples from unfiltered references: filters them
// where the mode asks for it, maps wide angles, and applies PDPC. `mode`: 0 to 66.
// From another reference line than the nearest there is neither filter nor PDPC, nor planar mode.
void predict_intra(const IntraReference &ref, int mode, int log2_w, int log2_h, int bit_depth,
                   uint16_t *pred, ptrdiff_t stride, int ref_idx = 0);

// Predicts a sub-partition (ISP) of a coding block of 2^log2_cb_w x 2^log2_cb_h, with references of
// the sum of both sizes. At least 4 wide.
void predict_isp(const IntraReference &ref, int mode, int log2_cb_w, int log2_cb_h, int log2_w,
                 int log2_h, int bit_depth, uint16_t *pred, ptrdiff_t stride);

// Prediction of block-based DPCM: the nearest samples, copied horizontally or vertically.
void predict_bdpcm(const IntraReference &ref, bool vertical, int log2_w, int log2_h, uint16_t *pred,
                   ptrdiff_t stride);

// The mode after mapping to wide angles (clause 8.4.5.2.6), -14 to 80; planar and DC stay.
int wide_angle_mode(int mode, int log2_w, int log2_h);

// Most probable modes (clause 8.4.2) from the neighbours' modes; candidates 0 is planar always.
// A neighbour that is not available or not in the same CTU row (above) counts as planar.
std::array<uint8_t, 6> most_probable_modes(int left_mode, int above_mode);

}  // namespace feat::vvc
