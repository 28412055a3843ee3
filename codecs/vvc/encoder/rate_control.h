// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Finds the QPs at which a picture takes a given number of bytes or has a given error. A mosaic of
// pieces of the picture, coded at the lowest effort, tells how the quantity goes with the QP; the
// picture itself then tells how far off the mosaic was.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "codecs/vvc/encoder/picture_coder.h"
#include "codecs/vvc/encoder/qp_plan.h"

namespace feat::vvc {

// Places on the scale from kMinQp to kMaxQp, in 1/kPositionsPerQp.
inline constexpr int64_t kPositionsPerQp = 256;
inline constexpr int64_t kLastPosition = (kMaxQp - kMinQp) * kPositionsPerQp;
QpPlan plan_at(int64_t position, size_t ctus);

// Logarithm to base 2 of value + 1, in 2^-16.
int64_t log2_of(uint64_t value);

// A quantity that does not fall with the QP, as the measurements taken so far tell; between them
// it is linear, beyond them it goes on as before.
class QuantityModel {
 public:
  void add(int qp, int64_t quantity);
  int64_t at(int64_t position) const;
  struct Point {
    int64_t position;
    int64_t quantity;
  };
  const std::vector<Point> &points() const { return points_; }
  // Where it is reached, or the end of the scale that comes nearest.
  int64_t position_of(int64_t quantity) const;

 private:
  std::vector<Point> points_;  // by position, quantities not falling
};

// QP to probe after those the model has, or -1 if they say enough.
int next_probe(const QuantityModel &model, int64_t wanted);

// Finds the position where a quantity is nearest to `wanted`. `probe` measures it cheaply at a QP,
// `code` precisely; neither falls with the QP. Three codings at most, and up to nine
// more as long as none of them is within `last_tolerance`.
struct TargetSearch {
  std::function<int64_t(int qp)> probe;
  std::function<int64_t(int64_t position)> code;
  int64_t wanted = 0;
  static constexpr int kUsualCodings = 3;
  static constexpr int kMaxCodings = 12;
  int64_t tolerance = 0;
  int64_t last_tolerance = 0;

  struct Result {
    int64_t position = 0;
    int64_t quantity = 0;
  };
  // `keep` is called after each code() that was the best so far.
  Result run(const std::function<void()> &keep) const;
};

// Codes `picture` for options.target_bytes or target_mse; returns the QPs that it took.
QpPlan code_for_target(PictureCoder &coder, const EncoderConfig &config,
                       const Plane<const uint16_t> &picture, const EncodeOptions &options,
                       const PictureCoder::Extras &extras, std::vector<uint8_t> &out);

}  // namespace feat::vvc
