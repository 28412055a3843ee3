// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The sum of x x^T over many vectors x.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace feat::native {

class ScatterMatrix {
 public:
  // Vectors that are kept until flush() is due.
  static constexpr int kBlock = 512;

  explicit ScatterMatrix(int channels);

  void add(const float *vector);
  bool full() const { return light_count_ == kBlock || heavy_count_ == kHeavyBlock; }
  // Adds what is kept to the sum. In full() before the next add(), and before sum().
  void flush();
  // The lower triangle.
  const Eigen::MatrixXd &sum() const { return sum_; }

 private:
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using HeavyRows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  static constexpr int kHeavyBlock = 64;

  bool is_heavy(float square);

  // Blocks are multiplied as floats. Few vectors that are far longer than the others, as the first
  // tokens of a language model are, would drown them: they are multiplied as doubles.
  Rows light_;
  HeavyRows heavy_;
  int light_count_ = 0;
  int heavy_count_ = 0;
  double mean_square_ = 0;  // of the length of light vectors, running
  Eigen::MatrixXf block_sum_;
  Eigen::MatrixXd sum_;
};

}  // namespace feat::native
